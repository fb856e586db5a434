using System.Globalization;
using Gateway.Engine.Backend;
using Gateway.Engine.Measures;
using Gateway.Worker.Models;

namespace Gateway.Worker.Metrics;

/// <summary>What the engine measured, under the names that vLLM made known. Older names stand beside newer ones where others still read them.</summary>
internal static class EngineSeries
{
    public static string Of(IServedModel model)
    {
        // One engine a process; vLLM's queries tell several apart by their number.
        var text = new PrometheusText($"model_name=\"{PrometheusText.Escaped(model.Name)}\",engine=\"0\"");
        var load = model.Load;
        text.Gauge("vllm:num_requests_running", "Sequences that are computed.", load.Running);
        text.Gauge("vllm:num_requests_waiting", "Sequences that wait to be computed.", load.Waiting);
        if (model is not LoadedModel { Backend: { Measures: { } measures } }) return text.ToString(); // what embeds and ranks has no cache and makes no tokens
        WriteCache(text, load, measures);
        WriteTokens(text, measures);
        WriteRequests(text, measures);
        return text.ToString();
    }

    private static void WriteCache(PrometheusText text, BackendLoad load, EngineMeasures measures)
    {
        foreach (var name in (string[])["vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc"]) text.Gauge(name, "Part of the KV cache in use; 1 is all of it.", load.CacheUsage);
        foreach (var name in (string[])["vllm:prefix_cache_queries_total", "vllm:gpu_prefix_cache_queries_total"]) text.Counter(name, "Prompt tokens that were looked for in the prefix cache.", measures.PrefixQueries.Value);
        foreach (var name in (string[])["vllm:prefix_cache_hits_total", "vllm:gpu_prefix_cache_hits_total"]) text.Counter(name, "Prompt tokens that were in the prefix cache.", measures.PrefixHits.Value);
        text.Counter("vllm:num_preemptions_total", "Sequences that lost their cache blocks to others.", measures.Preemptions.Value);
        var (size, count) = (measures.Shape.BlockSize, measures.Shape.BlockCount);
        text.Facts("vllm:cache_config_info", "The KV cache; its blocks are those of the device that computes, whichever that is.",
            [("block_size", Text(size)), ("num_gpu_blocks", Text(count)), ("kv_cache_size_tokens", Text((long)size * count)), ("enable_prefix_caching", "True")]);
    }

    private static void WriteTokens(PrometheusText text, EngineMeasures measures)
    {
        text.Counter("vllm:prompt_tokens_total", "Tokens of prompts that were read.", measures.PromptTokens.Value);
        text.Counter("vllm:generation_tokens_total", "Tokens that were made.", measures.GeneratedTokens.Value);
        text.Histogram("vllm:iteration_tokens_total", "Tokens computed in a step.", measures.StepTokens);
        text.Histogram("vllm:time_to_first_token_seconds", "From a request's arrival to its first token.", measures.FirstToken);
        foreach (var name in (string[])["vllm:inter_token_latency_seconds", "vllm:time_per_output_token_seconds"]) text.Histogram(name, "Between two tokens of a request.", measures.BetweenTokens);
    }

    private static void WriteRequests(PrometheusText text, EngineMeasures measures)
    {
        text.Counters("vllm:request_success_total", "Requests that are over, by how they ended.", "finished_reason", Enum.GetValues<EndReason>().Select(reason => (Name(reason), measures.Ended(reason))));
        text.Histogram("vllm:e2e_request_latency_seconds", "From a request's arrival to its end.", measures.EndToEnd);
        text.Histogram("vllm:request_queue_time_seconds", "From a request's arrival to its first step.", measures.Queue);
        text.Histogram("vllm:request_inference_time_seconds", "From a request's first step to its end.", measures.Inference);
        text.Histogram("vllm:request_prefill_time_seconds", "From a request's first step to its first token.", measures.Prefill);
        text.Histogram("vllm:request_decode_time_seconds", "From a request's first token to its last.", measures.Decode);
        text.Histogram("vllm:request_time_per_output_token_seconds", "Between two tokens of a request, on an average over it.", measures.RequestBetweenTokens);
        text.Histogram("vllm:request_prompt_tokens", "Tokens of a request's prompt.", measures.RequestPromptTokens);
        text.Histogram("vllm:request_generation_tokens", "Tokens made for a request.", measures.RequestGeneratedTokens);
        text.Histogram("vllm:request_params_max_tokens", "Most tokens that a request asked for.", measures.RequestMaxTokens);
        text.Histogram("vllm:request_params_n", "Candidates that were asked for.", measures.Candidates);
    }

    private static string Name(EndReason reason) => reason switch { EndReason.Stop => "stop", EndReason.Length => "length", EndReason.Abort => "abort", _ => "error" };

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
