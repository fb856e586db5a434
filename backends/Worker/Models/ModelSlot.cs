using Gateway.Engine.Encoders;
using Gateway.Worker.Errors;

namespace Gateway.Worker.Models;

/// <summary>The one model of this process: empty while it loads, then set once.</summary>
internal sealed class ModelSlot
{
    private volatile IServedModel? model;

    public IServedModel? Loaded => model;

    public IServedModel Served => model ?? throw Problems.Loading();

    /// <summary>The model as one that generates text.</summary>
    public LoadedModel Required => Served as LoadedModel ?? throw Problems.WrongTask(Served.Name, Encoder!.Folder.Task == EncoderTask.Embedding
        ? "an embedding model and generates no text; use /v1/embeddings"
        : "a reranker and generates no text; use /v1/rerank");

    /// <summary>The model as one that makes vectors.</summary>
    public LoadedEncoder Embedder => Served is LoadedEncoder { Folder.Task: EncoderTask.Embedding } encoder ? encoder : throw Problems.WrongTask(Served.Name, Encoder is null
        ? "a text generation model and makes no embeddings; use /v1/chat/completions or /v1/completions"
        : "a reranker and makes no embeddings; use /v1/rerank");

    /// <summary>The model as one that scores pairs.</summary>
    public LoadedEncoder Reranker => Scoring("ranks no documents");

    /// <summary>The model as one that tells labels apart.</summary>
    public LoadedEncoder Classifier => Scoring("classifies no texts");

    private LoadedEncoder? Encoder => model as LoadedEncoder;

    public void Set(IServedModel loaded) => model = loaded;

    private LoadedEncoder Scoring(string lack) => Served is LoadedEncoder { Folder.Task: EncoderTask.Scoring } encoder ? encoder : throw Problems.WrongTask(Served.Name, Encoder is null
        ? $"a text generation model and {lack}; use /v1/chat/completions or /v1/completions"
        : $"an embedding model and {lack}; use /v1/embeddings");
}
