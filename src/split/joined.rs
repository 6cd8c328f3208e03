//! Stacks that were cut, as they would be together: for who must see all that one and its parts hold.

use std::collections::BTreeMap;

use crate::template::{Estate, PART, Stack, Template};

impl Estate {
    /// The stacks that are parts of each that was cut, by their places.
    pub fn parts(&self) -> BTreeMap<&str, Vec<usize>> {
        let cut = self.stacks.iter().filter(|stack| stack.shape.contains(PART));
        let mut out: BTreeMap<&str, Vec<usize>> = cut.map(|it| (it.whole(), Vec::new())).collect();
        if out.is_empty() {
            return out;
        }
        for (at, stack) in self.stacks.iter().enumerate() {
            if let Some(parts) = out.get_mut(stack.whole()) {
                parts.push(at);
            }
        }
        out
    }
}

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
