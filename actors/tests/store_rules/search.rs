//! Finding people among many.

use std::collections::BTreeMap;

use actors::store::Store;

use super::beside::{Beside, words};
use crate::support::until;
use crate::support::world::World;

/// More names than are read in order before an index is asked.
const NAMES: usize = 2_600;

/// Names as people choose them and as machines do, by what they are folded to. The same each time.
fn names() -> BTreeMap<String, String> {
    let mut state = 42_u32;
    let mut below = |limit: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        usize::try_from(state >> 16).unwrap() % limit
    };
    let (ends, inside) = (b"abcdeo019", b"aabcdeno0189_-_-");
    let mut names = BTreeMap::new();
    while names.len() < NAMES {
        let name = if below(2) == 0 {
            format!("user{:04}", below(9_000))
        } else {
            let middle = (0..=below(9)).map(|_| char::from(inside[below(inside.len())]));
            let middle: String = middle.collect();
            let end = |at: usize| char::from(ends[at]);
            format!("{}{middle}{}", end(below(ends.len())), end(below(ends.len())))
        };
        let spelt = if below(3) == 0 { name.to_uppercase() } else { name.clone() };
        names.insert(name, spelt);
    }
    names
}

/// Adds people past the store, as many at once as there are.
async fn add(beside: &mut Beside, names: &BTreeMap<String, String>) {
    let row = |(number, (folded, spelt)): (usize, (&String, &String))| {
        (format!("{number:032x}"), format!("'{spelt}', '{folded}', 'a hash'"))
    };
    let rows: Vec<(String, String)> = names.iter().enumerate().map(row).collect();
    let table = "INSERT INTO users (id, username, username_folded, password_hash, made_at) VALUES";
    let sqlite = rows.iter().map(|(id, rest)| format!("(x'{id}', {rest}, 0)"));
    let postgres = rows.iter().map(|(id, rest)| format!("('{id}', {rest}, now())"));
    let text = |rows: Vec<String>| format!("{table} {}", rows.join(", "));
    beside.say(words(&text(sqlite.collect()), &text(postgres.collect()))).await;
}

/// What a look at every name finds.
fn looked(names: &BTreeMap<String, String>, part: &str, limit: usize) -> Vec<String> {
    let having = names.iter().filter(|(folded, _)| folded.contains(part));
    having.take(limit).map(|(_, spelt)| spelt.clone()).collect()
}

async fn found(store: &dyn Store, part: &str, limit: usize) -> Vec<String> {
    let people = store.find(part, u32::try_from(limit).unwrap()).await.unwrap();
    people.into_iter().map(|person| person.username.as_str().to_owned()).collect()
}

/// Parts that are common, rare, at the end of the order, and in no name.
fn parts(names: &BTreeMap<String, String>) -> Vec<String> {
    let mut parts: Vec<String> = [
        "us", "er", "se", "er8", "user", "user8", "_-", "--", "a_c", "-a", "%%", "a%", "zz", "er_",
    ]
    .map(str::to_owned)
    .into();
    for (number, name) in names.keys().step_by(29).enumerate() {
        let size = (2 + number % 4).min(name.len());
        let from = number % (name.len() - size + 1);
        parts.push(name[from..from + size].to_owned());
    }
    parts
}

pub(crate) async fn sto3_among_many_the_same_people_are_found_as_by_looking_at_each(
    world: &mut World,
) {
    let store = world.open().await;
    let names = names();
    add(&mut Beside::of(world).await, &names).await;
    for part in parts(&names) {
        for limit in [1, 20, 100] {
            let expected = looked(&names, &part, limit);
            assert_eq!(found(&*store, &part, limit).await, expected, "{part} {limit}");
        }
    }
}

/// What the statistics of a server have counted of the users: names read one after another, names
/// reached through an index, and questions to the index of pairs.
async fn read(beside: &mut Beside) -> [i64; 3] {
    let mut read = [0; 3];
    for (read, question) in read.iter_mut().zip([
        "SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'users'",
        "SELECT idx_tup_fetch FROM pg_stat_user_tables WHERE relname = 'users'",
        "SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = 'users_by_pairs'",
    ]) {
        *read = beside.number(question).await;
    }
    read
}

/// SQLite counts nothing, and reads all names where it must.
pub(crate) async fn sto38_a_search_reads_few_names_of_many(world: &mut World) {
    let names = names();
    let mut beside = Beside::of(world).await;
    add(&mut beside, &names).await;
    let [all_before, by_index_before, pairs_before] = read(&mut beside).await;
    let store = world.open().await;
    let (mut may_be_read, mut rare) = (0, 0);
    let is_rare = |part: &String| looked(&names, part, 20).len() < 20;
    for part in parts(&names).into_iter().filter(is_rare) {
        found(&*store, &part, 20).await;
        let pairs: Vec<&str> = (0..part.len() - 1).map(|at| &part[at..at + 2]).collect();
        let has_all = |name: &&String| pairs.iter().all(|pair| name.contains(pair));
        may_be_read += 2_000 + names.keys().filter(has_all).count();
        rare += 1;
    }
    store.close().await;
    // A connection tells what it has read when it ends.
    until("every connection of the store has ended", || async {
        let open = "SELECT count(*) FROM pg_stat_activity
             WHERE datname = current_database() AND application_name = 'dhchat'";
        Beside::of(world).await.number(open).await == 0
    })
    .await;
    let [all, by_index, pairs] = read(&mut beside).await;
    assert_eq!(all - all_before, 0, "names were read one after another");
    let by_index = usize::try_from(by_index - by_index_before).unwrap();
    assert!(by_index <= may_be_read, "{by_index} names were read, and {may_be_read} may be");
    assert!(rare > 0 && pairs - pairs_before >= rare, "the index of pairs was not asked");
}
