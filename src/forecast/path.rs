//! Newcomers to several accounts, one account after the other: what the first in an account brings depends on
//! who has come to others before. Where the first of a sort of account has brought what others can do
//! without, or bring less of, the next account is looked at with a newcomer in that one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::forecast::probe::{Added, Goal, Growing, Grown, Probe, Question, goal};
use crate::forecast::shared::in_turn;
use crate::weigh::sort;

/// A tier and a region, with the accounts that newcomers come to, each once, in their order.
pub type Asked<'a> = (&'a str, &'a str, Vec<String>);

/// How many come to an account before others: as many as are looked at at once.
const AT_ONCE: usize = 256;

/// Accounts in the order in which each comes first.
pub fn path<'a>(accounts: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    accounts.filter(|account| seen.insert(*account)).map(str::to_owned).collect()
}

/// Who is on the way through the accounts.
struct Traveller {
    goal: Goal,
    /// The accounts that it has come to before, where that matters.
    before: Vec<String>,
    /// The sorts of accounts in which one like it is, or was.
    seen: BTreeSet<(bool, bool)>,
    grown: Grown,
}

impl Probe<'_, '_> {
    /// What tiers add in their regions as they grow in some accounts, by account; those where not even
    /// one tenant can be placed are not there. Accounts that are alike to the hub and the home, and to
    /// those who live in them, are alike.
    pub fn grown(&mut self, asked: &[Asked<'_>]) -> Vec<Grown> {
        let begin = |(tier, region, _): &Asked<'_>| {
            let goal = goal(tier, region);
            let seen = self.sorts(&goal);
            Traveller { goal, before: Vec::new(), seen, grown: Grown::new() }
        };
        let mut all: Vec<Traveller> = asked.iter().map(begin).collect();
        let longest = asked.iter().map(|(.., path)| path.len()).max().unwrap_or(0);
        for step in 0..longest {
            let here = all.iter_mut().zip(asked);
            let here = here.filter_map(|(one, (.., path))| Some((one, path.get(step)?)));
            self.step(here.collect());
        }
        all.into_iter().map(|one| one.grown).collect()
    }

    /// All come to the next account on their way.
    fn step(&mut self, here: Vec<(&mut Traveller, &String)>) {
        let question = |(one, account): &(&mut Traveller, &String)| {
            (one.before.clone(), (*account).clone(), one.goal.clone())
        };
        let questions: Vec<Question> = here.iter().map(question).collect();
        let mut open: BTreeMap<Vec<String>, BTreeSet<(String, Goal)>> = BTreeMap::new();
        let mut others: BTreeMap<&Question, String> = BTreeMap::new();
        for question in questions.iter().filter(|it| !self.known.contains_key(it)) {
            let (before, account, goal) = question;
            let like = self.like(account, goal, before);
            let asked = (before.clone(), like, goal.clone());
            if !self.known.contains_key(&asked) {
                open.entry(asked.0).or_default().insert((asked.1.clone(), asked.2));
            }
            if asked.1 != *account {
                others.insert(question, asked.1);
            }
        }
        for (before, open) in open {
            self.learn(&before, &open);
        }
        for (question, like) in others {
            let asked = (question.0.clone(), like, question.2.clone());
            let growing = self.known[&asked].clone();
            let own = growing.map(|it| self.elsewhere(&it, &asked.1, &question.1));
            self.known.insert(question.clone(), own);
        }
        for ((one, account), question) in here.into_iter().zip(questions) {
            let Some(growing) = self.known[&question].clone() else { continue };
            let own = sort(self.whole, account);
            if one.seen.insert(own) && self.matters(&growing) {
                one.before.push(account.clone());
            }
            one.grown.insert(account.clone(), growing);
        }
    }

    /// The same in an account that is like the one that was looked at. What accounts themselves have is
    /// counted where they fill. Where nobody of theirs was made, they hold as much.
    fn elsewhere(&self, growing: &Arc<Growing>, seen: &str, account: &str) -> Arc<Growing> {
        let own = |it: &Added| it.at.account == seen || it.at.place.contains(seen);
        let moves = |it: &Added| own(it) && !in_turn(&it.at.place, self.whole);
        if !growing.shared.iter().any(moves) {
            return Arc::clone(growing);
        }
        let mut out = Growing::clone(growing);
        for it in out.shared.iter_mut().filter(|it| moves(it)) {
            if it.at.account == seen {
                it.at = it.at.there(self.whole, account);
            }
            if it.at.place.contains(seen) {
                it.at.place = it.at.place.replace(seen, account);
                let key = (it.at.quota, it.at.place.clone());
                let known = self.before.as_ref().and_then(|it| it.counts.get(&key));
                it.before = known.map_or(it.before, |one| one.used);
            }
        }
        Arc::new(out)
    }

    /// Whether others who come later may bring less of something. A new thing is brought by the first
    /// alone, and what accounts have is counted where they fill.
    fn matters(&self, growing: &Growing) -> bool {
        let spec = self.whole;
        growing.shared.iter().any(|it| it.once > 0 && !it.is_new && !in_turn(&it.at.place, spec))
    }

    /// What some add in accounts, after newcomers like them have come to others.
    fn learn(&mut self, before: &[String], open: &BTreeSet<(String, Goal)>) {
        let goals: BTreeSet<&Goal> = open.iter().map(|(_, goal)| goal).collect();
        let goals: Vec<Goal> = goals.into_iter().cloned().collect();
        for some in goals.chunks(AT_ONCE) {
            let mut by_account: BTreeMap<&String, Vec<Goal>> = BTreeMap::new();
            for (account, goal) in open.iter().filter(|(_, goal)| some.contains(goal)) {
                by_account.entry(account).or_default().push(goal.clone());
            }
            let mut found = self.found(before, some, &by_account);
            for (account, goal) in open.iter().filter(|(_, goal)| some.contains(goal)) {
                let key = (account.clone(), goal.clone());
                let growing = found.remove(&key).map(Arc::new);
                self.known.insert((before.to_vec(), key.0, key.1), growing);
            }
        }
    }

    fn found(
        &mut self,
        before: &[String],
        goals: &[Goal],
        by_account: &BTreeMap<&String, Vec<Goal>>,
    ) -> BTreeMap<(String, Goal), Growing> {
        let mut out = BTreeMap::new();
        let firsts: Vec<_> =
            before.iter().map(|account| (account.clone(), goals.to_vec())).collect();
        let come = if before.is_empty() { None } else { self.come(&firsts) };
        let Some((kept, lock)) = come else {
            for (account, goals) in by_account {
                let all = self.growing(account, goals).into_iter();
                out.extend(all.map(|(goal, it)| (((*account).clone(), goal), it)));
            }
            return out;
        };
        let cut = std::mem::take(&mut self.cut);
        let mut then = Probe::with_all(self.whole, kept, lock, self.counter, cut);
        // Who comes alone comes to where nobody is.
        std::mem::swap(&mut then.alone, &mut self.alone);
        std::mem::swap(&mut then.seen, &mut self.seen);
        for (account, goals) in by_account {
            for (goal, mut growing) in then.growing(account, goals) {
                for added in &mut growing.shared {
                    let key = (added.at.quota, added.at.place.clone());
                    let known = self.before.as_ref().and_then(|it| it.counts.get(&key));
                    added.before = known.map_or(0, |one| one.used);
                }
                out.insert(((*account).clone(), goal), growing);
            }
        }
        (self.alone, self.seen, self.cut) = (then.alone, then.seen, then.cut);
        out
    }
}
