//! A hundred thousand names as people and machines choose them, and parts to look for. The same
//! each time.

use std::collections::BTreeSet;

/// Given names, the common ones first.
const GIVEN: &str = "james mary john patricia robert jennifer michael linda william elizabeth david \
    barbara richard susan joseph jessica thomas sarah charles karen christopher lisa daniel nancy \
    matthew betty anthony margaret mark sandra donald ashley steven kimberly paul emily andrew donna \
    joshua michelle kenneth carol kevin amanda brian dorothy george melissa timothy deborah ronald \
    stephanie edward rebecca jason sharon jeffrey laura ryan cynthia jacob kathleen gary amy nicholas \
    angela eric shirley jonathan anna stephen brenda larry pamela justin emma scott nicole brandon \
    helen benjamin samantha samuel katherine gregory christine alexander frank carolyn raymond janet \
    jack maria dennis heather tyler diane aaron ruth jose olivia adam joyce nathan victoria peter \
    lauren zachary hannah kyle evelyn walter andrea noah martha sean teresa carl gloria dylan sara \
    arthur gabriel alice bruce sophia isabella oscar yuki ivan olga dmitri svetlana zoe xavier";

/// Family names, the common ones first.
const FAMILY: &str = "smith johnson williams brown jones garcia miller davis rodriguez martinez \
    hernandez lopez gonzalez wilson anderson taylor moore jackson martin lee perez thompson white \
    harris sanchez clark ramirez lewis robinson walker young allen king wright torres nguyen hill \
    flores green adams nelson baker hall rivera campbell mitchell carter roberts gomez phillips evans \
    turner diaz parker cruz edwards collins reyes stewart morris morales murphy cook rogers gutierrez \
    ortiz morgan cooper peterson bailey reed kelly howard ramos kim cox ward richardson watson brooks \
    chavez wood bennett gray mendoza ruiz hughes price alvarez castillo sanders patel myers long ross \
    foster jimenez ivanov petrov kuznetsova schmidt mueller yamamoto quinn zimmermann";

/// Words that people make names of.
const WORDS: &str = "dark shadow happy lucky super ninja dragon wolf tiger cat dog star moon sun \
    ghost rider gamer coder pixel magic storm fire ice blue red black silver gold queen fox";

/// What names are made of.
const ALPHABET: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789_-";

/// Random numbers from a seed (`SplitMix64`).
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let limit = u64::try_from(limit.max(1)).unwrap_or(u64::MAX);
        usize::try_from((z ^ (z >> 31)) % limit).unwrap_or_default()
    }

    fn one_of<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// One of a list whose first ones are common: half of all come from its first tenth.
    fn common<'a>(&mut self, of: &[&'a str]) -> &'a str {
        let among = if self.below(2) == 0 { of.len().div_ceil(10) } else { of.len() };
        of[self.below(among)]
    }
}

/// So many different names, folded, as people choose them: given and family names joined in several
/// ways, years and numbers, words, and letters without any sense.
pub(crate) fn of_people(count: usize, chance: &mut Chance) -> Vec<String> {
    let given: Vec<&str> = GIVEN.split_whitespace().collect();
    let family: Vec<&str> = FAMILY.split_whitespace().collect();
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let mut names = BTreeSet::new();
    while names.len() < count {
        let (first, last) = (chance.common(&given), chance.common(&family));
        let joint = *chance.one_of(&["", "_", "-"]);
        names.insert(match chance.below(20) {
            0..5 => format!("{first}{joint}{last}"),
            5..8 => format!("{first}{}", 1_950 + chance.below(65)),
            8..12 => format!("{}{joint}{last}{}", &first[..1], chance.below(1_000)),
            12..15 => format!("{first}{joint}{last}{}", chance.below(10_000)),
            15..17 => {
                let (one, other) = (chance.one_of(&words), chance.one_of(&words));
                format!("{one}{joint}{other}{}", chance.below(1_000))
            }
            _ => {
                let rest = (0..3 + chance.below(6)).map(|_| char::from(ALPHABET[chance.below(36)]));
                let rest: String = rest.collect();
                format!("{}{rest}", &first[..3])
            }
        });
    }
    names.into_iter().collect()
}

/// So many names that a machine made, all alike but for a number: whatever is in one is in many.
pub(crate) fn of_machines(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("user{number:06}")).collect()
}

/// Something to look for: mostly a part of some name, so that common parts come often; sometimes
/// the beginning of one, letters that hardly any name has, or a part with a character in it that
/// means something to a database.
pub(crate) fn part(names: &[String], chars: usize, chance: &mut Chance) -> String {
    let kind = chance.below(20);
    if kind < 3 {
        return (0..chars).map(|_| char::from(*chance.one_of(ALPHABET))).collect();
    }
    let name = loop {
        let name = chance.one_of(names);
        if name.len() >= chars {
            break name;
        }
    };
    let from = if kind < 6 { 0 } else { chance.below(name.len() - chars + 1) };
    let mut part = name[from..from + chars].to_owned();
    if kind >= 18 {
        let at = chance.below(chars);
        let special: &&str = chance.one_of(&["_", "-", "%", "\\"]);
        part.replace_range(at..=at, special);
    }
    part
}
