//! What can be wrong with the text of a blueprint, before anything in it is understood.

use crate::diag::Rule;

/// Not UTF-8.
pub static ENCODING: Rule = Rule::error(
    "blueprint/encoding",
    "A blueprint and its tenant files are UTF-8.",
    "Names and tags are copied into templates byte for byte; a guess at another encoding would \
     silently change them.",
    "save the file as UTF-8",
);

/// Not YAML.
pub static SYNTAX: Rule = Rule::error(
    "blueprint/syntax",
    "A blueprint is one YAML or JSON document.",
    "Nothing behind a syntax error can be trusted, so nothing is read from the file.",
    "correct the syntax at this place",
);

/// Nothing there.
pub static EMPTY: Rule = Rule::error(
    "blueprint/empty",
    "A blueprint is not empty.",
    "An empty file is far more often a mistake than an estate without tenants, and taking it for \
     one would remove everything.",
    "start from `tenantry init`",
);

/// More than one document.
pub static SEVERAL_DOCUMENTS: Rule = Rule::error(
    "blueprint/several-documents",
    "A blueprint is one document.",
    "With several documents it would be unclear which of them counts.",
    "remove the `---` and put everything into one document",
);

/// An alias bomb, or nesting without end.
pub static BUDGET: Rule = Rule::error(
    "blueprint/budget",
    "A blueprint stays within the budget of its parser.",
    "Aliases that repeat aliases and nesting without end make a small file into an endless one. \
     Depth, aliases and nodes are therefore bounded while the text is read.",
    "write the values out, or put tenants into a file of `tenant_files`",
);

/// A key twice.
pub static DUPLICATE_KEY: Rule = Rule::error(
    "blueprint/duplicate-key",
    "A key stands once in a mapping.",
    "YAML parsers differ in which of the two they take; one of them is lost.",
    "keep one of the two",
);

/// A key that is not in the schema.
pub static UNKNOWN_KEY: Rule = Rule::error(
    "blueprint/unknown-key",
    "Every key is one that tenantry knows.",
    "A misspelt key would otherwise be ignored and its default used in silence.",
    "correct the key, or remove it",
);

/// A key that must be there.
pub static MISSING_KEY: Rule = Rule::error(
    "blueprint/missing-key",
    "Every required key is there.",
    "There is no safe default for it.",
    "add the key",
);

/// A value of the wrong type.
pub static WRONG_TYPE: Rule = Rule::error(
    "blueprint/wrong-type",
    "Every value has the type that the schema says.",
    "Guessing what was meant would turn a typing error into infrastructure.",
    "write a value of that type",
);

/// A value that is not allowed.
pub static WRONG_VALUE: Rule = Rule::error(
    "blueprint/wrong-value",
    "Every value is one that the schema allows.",
    "The allowed values are those that AWS takes and tenantry knows what to do with.",
    "write one of the allowed values",
);

/// A tenant file that cannot be read.
pub static TENANT_FILE: Rule = Rule::error(
    "tenant/file",
    "Every file of `tenant_files` can be read and ends in .csv, .yaml, .yml or .json.",
    "A missing file would remove all its tenants.",
    "correct the path, which is relative to the blueprint",
);

/// A CSV file that is not well-formed.
pub static TENANT_TABLE: Rule = Rule::error(
    "tenant/table",
    "A CSV file has a header with `id` and `tier`, and every row has as many fields.",
    "A row that is shifted by one field gives one tenant the attributes of another.",
    "correct the row",
);

/// A region in a price file that is none.
pub static PRICE_REGION: Rule = Rule::error(
    "price/region",
    "Every region of a price file is a region of AWS.",
    "The price of a region that is mistyped would be that of nothing.",
    "write a region, for example eu-west-1",
);

/// A price that is not there.
pub static PRICE_MISSING: Rule = Rule::error(
    "price/missing",
    "There is a price for all that costs by the hour or month in a region of the estate.",
    "A sum without it looks cheaper than it is, so it is shown as incomplete.",
    "add the price from the page that the table of drivers names",
)
.warning();
