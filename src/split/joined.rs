//! Stacks that were cut, as they would be together: for who must see all that one and its parts hold.

use std::collections::BTreeMap;

use crate::template::{Estate, Stack, Template};

/// Stacks, each in the place of its first part.
pub type Joined = BTreeMap<usize, Stack>;

/// All of an estate that were cut. `of` tells the template of a stack, and if it is a first part that of the
/// whole.
pub fn joined<'a>(
    estate: &Estate,
    of: impl Fn(&Stack) -> (&'a Template, Option<&'a Template>),
) -> Joined {
    let join = |parts: Vec<usize>| {
        let parts = parts.into_iter().map(|at| (at, &estate.stacks[at]));
        let parts: Vec<(usize, &Stack)> = parts.collect();
        let (at, first) = parts.iter().find(|(_, stack)| of(stack).1.is_some())?;
        let whole = of(first).1?;
        let mut known: BTreeMap<&str, &String> = BTreeMap::new();
        for (_, stack) in &parts {
            let names = of(stack).0.params.iter().map(|it| it.name.as_str());
            known.extend(names.zip(&stack.values));
        }
        // What no part has stands nowhere.
        let value = |name: &str| known.get(name).map_or_else(String::new, ToString::to_string);
        let values = whole.params.iter().map(|it| value(&it.name)).collect();
        let foreign = parts.iter().find_map(|(_, stack)| stack.foreign.clone());
        Some((*at, Stack { foreign, values, ..Stack::clone(first) }))
    };
    estate.parts().into_values().filter_map(join).collect()
}
