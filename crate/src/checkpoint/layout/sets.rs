//! The sets of weights that the files of a folder fall into, and which of them are complete.

use crate::checkpoint::content::Content;
use crate::checkpoint::index::Index;
use crate::checkpoint::layout::names::{Purpose, SetName, find_set};
use crate::source::Source;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

/// Files that belong together.
pub(crate) struct Set {
    pub name: SetName,
    /// Places of the files.
    pub files: Vec<usize>,
    /// The numbers that their names tell.
    pub numbers: BTreeSet<u64>,
    /// The place of the index that names these files.
    pub index: Option<usize>,
    /// Whether the index, where there is one, names a file that is not here.
    pub lacks_files: bool,
    /// Whether a pointer or another stand-in lies in place of a file.
    pub is_broken: bool,
}

impl Set {
    /// True where the names of the files tell that none is missing.
    pub fn is_whole_by_names(&self) -> bool {
        let whole = |total| {
            let count = self.numbers.iter().filter(|n| (1..=total).contains(*n)).count() as u64;
            // Some count from 0.
            count == total || (self.numbers.contains(&0) && count + 1 >= total)
        };
        match self.name.total {
            None => self.name.purpose != Purpose::Others,
            Some(total) => whole(total),
        }
    }

    /// True where no file is missing, as far as names and the index tell.
    pub fn is_complete(&self) -> bool {
        let named = self.is_whole_by_names() || (self.index.is_some() && !self.lacks_files);
        !self.is_broken && (named || (self.name.purpose == Purpose::Others && !self.lacks_files))
    }

    /// True for files that transformers looks for: it loads no variants and no numbered files
    /// without their index unless it is asked to.
    pub fn is_looked_for(&self) -> bool {
        self.name.is_of_transformers() && (self.name.total.is_none() || self.index.is_some())
    }

    /// Names the set in a message.
    pub fn describe(&self, files: &[Rc<dyn Source>]) -> String {
        let name = |place: Option<&usize>| place.map_or("", |place| files[*place].name());
        match self.files.len() {
            1 => name(self.files.first()).into(),
            2 => format!("{} and {}", name(self.files.first()), name(self.files.last())),
            count => format!("{} and {} more files", name(self.files.first()), count - 1),
        }
    }
}

/// Sorts files with weights into sets by their names and by the indices beside them.
pub(crate) fn find_sets(
    files: &[Rc<dyn Source>],
    weights: &[usize],
    indices: &[Index],
) -> Vec<Set> {
    let mut sets: Vec<Set> = Vec::new();
    let mut places: HashMap<SetName, usize> = HashMap::new();
    for &file in weights {
        let (name, number) = find_set(files[file].name());
        let place = *places.entry(name.clone()).or_insert_with(|| {
            sets.push(new_set(name));
            sets.len() - 1
        });
        sets[place].files.push(file);
        sets[place].numbers.extend(number);
    }
    let by_name: HashMap<String, usize> =
        weights.iter().map(|&file| (files[file].name().to_ascii_lowercase(), file)).collect();
    for (place, index) in indices.iter().enumerate() {
        let find = |file: &String| {
            by_name.get(&format!("{}{file}", index.folder()).to_ascii_lowercase()).copied()
        };
        let here: BTreeSet<usize> = index.files.iter().filter_map(find).collect();
        let lacks_files = index.files.iter().any(|file| find(file).is_none());
        if !here.is_empty() {
            join_index(&mut sets, place, index, here, lacks_files);
        }
    }
    sets
}

fn new_set(name: SetName) -> Set {
    Set {
        name,
        files: Vec::new(),
        numbers: BTreeSet::new(),
        index: None,
        lacks_files: false,
        is_broken: false,
    }
}

/// Gives an index to the set that it describes, or makes a set of the files that it names.
fn join_index(
    sets: &mut Vec<Set>,
    place: usize,
    index: &Index,
    here: BTreeSet<usize>,
    lacks_files: bool,
) {
    let described = sets.iter_mut().find(|set| {
        let inside: HashSet<usize> = set.files.iter().copied().collect();
        // Files whose names tell nothing are not lost by an index that tells less than all.
        let is_more = match set.name.purpose {
            Purpose::Others => lacks_files,
            _ => set.is_whole_by_names() && inside.len() > 1,
        };
        here.iter().all(|file| inside.contains(file)) && (here.len() == inside.len() || is_more)
    });
    if let Some(set) = described {
        set.index = Some(place);
        set.lacks_files = lacks_files;
        return;
    }
    // `model.safetensors.index.json` without its end is the name of a whole file.
    let name = index.name.to_ascii_lowercase();
    let (name, _) = find_set(name.strip_suffix(".index.json").unwrap_or(&name));
    // An index lists more files than the numbered ones, or fewer: their numbers tell nothing.
    let name = SetName { purpose: Purpose::Model, total: Some(u64::MAX), ..name };
    sets.push(Set {
        files: here.into_iter().collect(),
        index: Some(place),
        lacks_files,
        ..new_set(name)
    });
}

/// Marks the sets in which something lies in place of a file. Reads the first bytes of all files.
pub(crate) async fn find_broken(sets: &mut [Set], files: &[Rc<dyn Source>]) {
    let mut known: HashMap<usize, bool> = HashMap::new();
    for set in sets {
        for file in &set.files {
            let broken = match known.get(file) {
                Some(broken) => *broken,
                None => {
                    let content = Content::read(files[*file].as_ref()).await;
                    let broken = content.is_none_or(Content::is_stand_in);
                    known.insert(*file, broken);
                    broken
                }
            };
            set.is_broken |= broken;
        }
    }
}
