#ifndef CTOML_H
#define CTOML_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

/// A parsed TOML document, or the error that stopped the parser.
typedef struct toml_document toml_document;

enum toml_kind {
    TOML_STRING,
    TOML_INTEGER,
    TOML_NUMBER,
    TOML_BOOLEAN,
    /// A date, a time or both, as text.
    TOML_MOMENT,
    TOML_ARRAY,
    TOML_TABLE,
};

/// Both from 1; columns count characters, not bytes. 0 where the parser knows none.
struct toml_place {
    uint32_t line;
    uint32_t column;
};

/// One value. Nodes lie in one row, each followed by its children and theirs.
struct toml_node {
    enum toml_kind kind;
    struct toml_place place;
    /// For members of a table.
    const char *_Nullable key;
    size_t key_length;
    struct toml_place key_place;
    /// For strings and moments; not terminated.
    const char *_Nullable text;
    size_t text_length;
    /// For integers and booleans.
    int64_t integer;
    double number;
    /// For arrays and tables.
    size_t children;
};

/// Parses UTF-8 text, which need not outlive the call. The caller frees the result. The parser
/// recurses: bound the size and the parts of dotted keys before; `deepest` bounds what it makes.
toml_document *toml_read(const char *_Nullable text, size_t length, size_t deepest);

void toml_free(toml_document *document);

/// The first node is the root table. NULL when the text is not TOML.
const struct toml_node *_Nullable toml_nodes(const toml_document *document, size_t *count);

/// The parser's words for what is wrong, valid as long as the document; NULL when nothing is.
const char *_Nullable toml_error(const toml_document *document, struct toml_place *place);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif

#endif
