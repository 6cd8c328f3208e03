//! What a proof complains of. These are gates: the input is right, but somebody is reached.

use crate::diag::Rule;

/// Something gets from one tenant to another.
pub static REACHABLE: Rule = Rule::error(
    "prove/reachable",
    "Nothing gets from one tenant to another, but for what they share by design.",
    "Isolation is what tenants pay for. It is shown on what was rendered, not on what was meant: \
     routes, groups, network ACLs, policies and grants are read back from the files. \
     Source: https://docs.aws.amazon.com/whitepapers/latest/saas-tenant-isolation-strategies/saas-tenant-isolation-strategies.html.",
    "follow the path that is shown: every step names the resource that lets through",
)
.gate();

/// Something that the blueprint states does not hold.
pub static STATEMENT: Rule = Rule::error(
    "prove/statement",
    "What must be reached is reached, and what must not be is not.",
    "A network that isolates everybody from what they need is wrong, too, and only the blueprint can say \
     what they need: `must_reach` and `must_not_reach` are its words for that.",
    "follow the path that is shown to where it ends, or take the statement back",
)
.gate();

/// What was rendered cannot be read back, so nothing is proved.
pub static UNREAD: Rule = Rule::error(
    "prove/unread",
    "Everything that would be deployed can be read.",
    "What is not read could let anybody through. Conditions, macros, nested stacks, loops and files \
     that tenantry does not write are not followed, so a folder that has them is not proved.",
    "run `tenantry synth` again, or take out what was added by hand",
);
