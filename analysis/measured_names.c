/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/measured_format.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

struct name {
    const char *published, *table;
};

/* Models, without owner and endings. Vision and audio models map to their text backbones. */
static const struct name llms[] = {
    {"BLOOM", "BLOOM-176B"},
    {"BLOOM-176B", "BLOOM-176B"},
    {"DeepSeek-R1", "DeepSeek-V3"},
    {"DeepSeek-V2", "DeepSeek-V2"},
    {"DeepSeek-V3", "DeepSeek-V3"},
    {"DeepSeek-V3.1", "DeepSeek-V3"},
    {"gemma-3-12b", "gemma-3-12b"},
    {"GPT-J-6B", "GPT-J-6B"},
    {"gptj-6b", "GPT-J-6B"},
    {"gpt-oss-120b", "gpt-oss-120b"},
    {"gpt-oss-20b", "gpt-oss-20b"},
    {"Kimi-K2", "Kimi-K2"},
    {"Llama-2-70b", "Llama-2-70B"},
    {"llama2-70b", "Llama-2-70B"},
    {"Llama-3.1-405B", "Llama-3.1-405B"},
    {"Llama-3.1-70B", "Llama-3.1-70B"},
    {"Llama-3.1-8B", "Llama-3.1-8B"},
    {"llama3.1-8b", "Llama-3.1-8B"},
    {"Llama-3.3-70B", "Llama-3.3-70B"},
    {"Llama-4-Maverick-17B-128E", "Llama-4-Maverick"},
    {"Llama-4-Scout-17B-16E", "Llama-4-Scout"},
    {"Meta-Llama-3.1-405B", "Llama-3.1-405B"},
    {"Meta-Llama-3.1-70B", "Llama-3.1-70B"},
    {"Meta-Llama-3.1-8B", "Llama-3.1-8B"},
    {"Mixtral-8x7B", "Mixtral-8x7B"},
    {"NVIDIA-Nemotron-Nano-12B-v2", "Nemotron-Nano-12B-v2"},
    {"NVIDIA-Nemotron-Nano-12B-v2-VL", "Nemotron-Nano-12B-v2"},
    {"NVIDIA-Nemotron-Nano-9B-v2", "Nemotron-Nano-9B-v2"},
    {"Qwen2.5-72B", "Qwen2.5-72B"},
    {"Qwen3-14B", "Qwen3-14B"},
    {"Qwen3-235B-A22B", "Qwen3-235B-A22B"},
    {"Qwen3-30B-A3B", "Qwen3-30B-A3B"},
    {"Qwen3-32B", "Qwen3-32B"},
    {"Qwen3-8B", "Qwen3-8B"},
    {"Qwen3-Coder-30B-A3B", "Qwen3-30B-A3B"},
    {"Qwen3-Coder-480B-A35B", "Qwen3-Coder-480B-A35B"},
    {"Qwen3-Omni-30B-A3B", "Qwen3-30B-A3B"},
    {"Qwen3-VL-235B-A22B", "Qwen3-235B-A22B"},
    {"Qwen3-VL-30B-A3B", "Qwen3-30B-A3B"},
    {"Qwen3-VL-32B", "Qwen3-32B"},
    {"Qwen3-VL-8B", "Qwen3-8B"},
};

/* What a publisher adds to a model's name: how it was tuned, when, in which precision. */
static const char *const endings[] = {
    "-Instruct", "-Thinking", "-it",    "-chat",  "-hf",   "-2507", "-0528", "-0905",
    "-FP8",      "-FP4",      "-NVFP4", "-MXFP4", "-BF16", "-fp8",  "-v0.1",
};

/* Accelerators, by the part of a name before its maker's remarks on memory and power. */
static const struct name hardwares[] = {
    {"h100_sxm", "H100-SXM"},
    {"h200_sxm", "H200-SXM"},
    {"b200_sxm", "B200"},
    {"b300_sxm", "B300"},
    {"gb200", "GB200-NVL72"},
    {"gb300", "GB300-NVL72"},
    {"a100_sxm", "A100-SXM-80GB"},
    {"l40s", "L40S"},
    {"H100", "H100-SXM"},
    {"H200", "H200-SXM"},
    {"B200", "B200"},
    {"B300", "B300"},
    {"h100-80gb", "H100-SXM"},
    {"a100-80gb", "A100-SXM-80GB"},
    {"H200 SXM", "H200-SXM"},
    {"H200 SXM CTS", "H200-SXM"},
    {"NVIDIA H100-SXM-80GB", "H100-SXM"},
    {"NVIDIA H200-SXM-141GB", "H200-SXM"},
    {"NVIDIA H200-SXM-141GB-CTS", "H200-SXM"},
    {"Virtualized NVIDIA H200-SXM-141GB", "H200-SXM"},
    {"NVIDIA B200-SXM-180GB", "B200"},
    {"NVIDIA B300-SXM-270GB", "B300"},
    {"NVIDIA GB200", "GB200-NVL72"},
    {"NVIDIA GB300", "GB300-NVL72"},
    {"NVIDIA L40S", "L40S"},
    {"AMD Instinct MI300X 192GB HBM3", "MI300X"},
    {"AMD Instinct MI300X-NPS1-SPX-192GB-750W", "MI300X"},
    {"AMD MI300X-NPS1-SPX-192GB-750W", "MI300X"},
    {"AMD Instinct MI325X 256GB HBM3e", "MI325X"},
    {"AMD Instinct MI355X 288GB HBM3e", "MI355X"},
    {"AMD Instinct MI355X 288GB HBM3e (Power Cap 1000 W)", "MI355X"},
    {"MI300X", "MI300X"},
    {"MI325X", "MI325X"},
    {"MI355X", "MI355X"},
};

static const struct name engines[] = {
    {"trtllm", "TensorRT-LLM"},
    {"TensorRT-LLM", "TensorRT-LLM"},
    {"vllm", "vLLM"},
    {"sglang", "SGLang"},
};

static bool same_text(const char *a, const char *b, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (tolower((unsigned char)a[i]) != tolower((unsigned char)b[i]))
            return false;
    return true;
}

/* The table of the row whose name is the first `length` bytes of `text`; "" when there is none. */
static const char *look_up(const struct name *name, size_t count, const char *text, size_t length) {
    for (size_t i = 0; i < count; i++)
        if (strlen(name[i].published) == length && same_text(name[i].published, text, length))
            return name[i].table;
    return "";
}

/* Length of the name without its last ending; the same length when it has none. */
static size_t without_ending(const char *name, size_t length) {
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        const size_t n = strlen(endings[i]);
        if (length > n && same_text(name + length - n, endings[i], n))
            return length - n;
    }
    return length;
}

const char *measured_names_llm(const char *published) {
    const char *slash = strrchr(published, '/');
    const char *name = slash != NULL ? slash + 1 : published;
    size_t length = strlen(name), before;
    do {
        const char *table = look_up(llms, sizeof llms / sizeof llms[0], name, length);
        if (*table != '\0')
            return table;
        before = length;
        length = without_ending(name, length);
    } while (length < before);
    return "";
}

const char *measured_names_hardware(const char *published) {
    return look_up(hardwares, sizeof hardwares / sizeof hardwares[0], published, strlen(published));
}

const char *measured_names_engine(const char *published) {
    return look_up(engines, sizeof engines / sizeof engines[0], published, strlen(published));
}

void measured_names_set(struct measured_point *p, const char *hardware, const char *engine,
                        const char *llm) {
    snprintf(p->hardware, sizeof p->hardware, "%s", measured_names_hardware(hardware));
    snprintf(p->engine, sizeof p->engine, "%s", measured_names_engine(engine));
    snprintf(p->llm, sizeof p->llm, "%s", measured_names_llm(llm));
    snprintf(p->published, sizeof p->published, "%s", llm);
    if (p->hardware[0] == '\0')
        measured_point_exclude(p, measured_no_hardware);
    if (p->engine[0] == '\0')
        measured_point_exclude(p, measured_no_engine);
    if (p->llm[0] == '\0')
        measured_point_exclude(p, measured_no_llm);
}
