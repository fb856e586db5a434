"""Makes a Llama of 1.1 billion parameters with random weights in FOLDER, and times transformers on it: python3 cuda_reference.py FOLDER TOKENIZER_FOLDER"""

import pathlib, shutil, statistics, sys, time

import torch
from transformers import LlamaConfig, LlamaForCausalLM

folder, tokenizer = map(pathlib.Path, sys.argv[1:3])
if not (folder / "config.json").exists():
    torch.manual_seed(1)
    config = LlamaConfig(
        vocab_size=32000, hidden_size=2048, intermediate_size=5632, num_hidden_layers=22, num_attention_heads=32, num_key_value_heads=4,
        max_position_embeddings=2048, tie_word_embeddings=False, bos_token_id=1, eos_token_id=2)
    torch.set_default_dtype(torch.bfloat16)
    with torch.device("cuda"):
        made = LlamaForCausalLM(config)
    made.save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"):
        shutil.copy(tokenizer / name, folder / name)
    del made
    torch.cuda.empty_cache()

started = time.perf_counter()
model = LlamaForCausalLM.from_pretrained(folder, dtype=torch.bfloat16, device_map="cuda").eval()
torch.cuda.synchronize()
print(f"transformers: loaded in {time.perf_counter() - started:.1f} s, {torch.cuda.memory_allocated() / 2**20:.0f} MiB of tensors")
vocabulary = model.config.vocab_size


def timed(what, rounds):
    times = []
    for _ in range(rounds + 1):
        torch.cuda.synchronize()
        start = time.perf_counter()
        what()
        torch.cuda.synchronize()
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


with torch.inference_mode():
    prompt = torch.tensor([[i * 7 % vocabulary for i in range(512)]], device="cuda")
    seconds = timed(lambda: model(prompt, logits_to_keep=1), 8)
    values, tokens = model(prompt, logits_to_keep=1).logits[0, -1].float().topk(3)
    print(f"prefill of 512: {512 / seconds:.0f} tokens/s; top of its last logits: " + ", ".join(f"{t} {v:.3f}" for t, v in zip(tokens.tolist(), values.tolist())))
    for batch in (1, 16, 64):
        prompts = torch.tensor([[(s * 31 + i * 7) % vocabulary for i in range(128)] for s in range(batch)], device="cuda")
        mask = torch.ones_like(prompts)
        seconds = timed(lambda: model.generate(prompts, attention_mask=mask, do_sample=False, min_new_tokens=128, max_new_tokens=128, pad_token_id=0), 2)
        print(f"batch {batch}: {batch * 128 / seconds:.0f} tokens/s")
    print(f"{torch.cuda.max_memory_allocated() / 2**20:.0f} MiB at most")
