// What llama.cpp prints for each token of a vocabulary without special tokens, and at which tokens it stops.
//
//   llama_pieces FILE.gguf > FILE.gguf.pieces
//
// One line for each token: 1 if it ends a generation, else 0; a space; the bytes of its piece in hexadecimal digits.
// Compiled and called by llama_vocabularies.py with the few files of llama.cpp that read vocabularies.

#include <cstdio>
#include <string>
#include <vector>

#include "llama-model-loader.h"
#include "llama-vocab.h"

// The loader names these for models in several files; they are defined in a file that needs all the rest of llama.cpp.
extern "C" int32_t llama_split_path(char *, size_t, const char *, int32_t, int32_t) { return 0; }
extern "C" int32_t llama_split_prefix(char *, size_t, const char *, int32_t, int32_t) { return 0; }

static void be_quiet(enum ggml_log_level, const char *, void *) {}

int main(int argc, char ** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: %s FILE.gguf\n", argv[0]);
        return 2;
    }
    llama_log_set(be_quiet, nullptr);
    std::vector<std::string> no_splits;
    llama_model_loader loader(
        nullptr, nullptr, nullptr, argv[1], no_splits, nullptr, LLAMA_LOAD_MODE_NONE,
        /* check_tensors */ false, /* no_alloc */ true, /* load_mtp */ false, nullptr, nullptr);
    llama_vocab vocabulary;
    vocabulary.load(loader, loader.llm_kv);
    std::vector<char> piece(1 << 20);
    for (uint32_t token = 0; token < vocabulary.n_tokens(); ++token) {
        const int size = vocabulary.token_to_piece(token, piece.data(), piece.size(), 0, /* special */ false);
        if (size < 0) {
            std::fprintf(stderr, "the piece of token %u has %d bytes\n", token, -size);
            return 1;
        }
        std::printf("%d ", vocabulary.is_eog(token) ? 1 : 0);
        for (int i = 0; i < size; ++i) {
            std::printf("%02x", (unsigned char) piece[i]);
        }
        std::printf("\n");
    }
    return 0;
}
