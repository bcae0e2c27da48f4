//! Keys of a look-up in runs: where nothing stands between the first and the last key of a run, none of its keys is there. The keys of a
//! new list, which begin with its month or count up, are answered by a few looks instead of thousands.

/// Keys of one run.
const RUN: usize = 250;

/// The keys' numbers in the order of the keys, cut into runs; one run for few keys, which are asked for one by one.
pub(super) fn runs(keys: &[Vec<u8>]) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_unstable_by(|a, b| keys[*a].cmp(&keys[*b]));
    order.chunks(RUN).map(<[usize]>::to_vec).collect()
}

/// Whether so many keys are worth a look at their runs first.
pub(super) const fn are_many(keys: &[Vec<u8>]) -> bool {
    keys.len() > RUN
}

/// The first and the last key of a run.
pub(super) fn ends<'k>(keys: &'k [Vec<u8>], run: &[usize]) -> (&'k [u8], &'k [u8]) {
    let key = |number: Option<&usize>| number.and_then(|number| keys.get(*number)).map_or(&[][..], Vec::as_slice);
    (key(run.first()), key(run.last()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_hold_each_key_once_in_order_and_lie_between_their_ends() {
        let keys: Vec<Vec<u8>> = (0..1_001_u32).map(|number| (number * 5 % 1_001).to_be_bytes().to_vec()).collect();
        let runs = runs(&keys);
        assert_eq!(runs.iter().map(Vec::len).collect::<Vec<_>>(), [RUN, RUN, RUN, RUN, 1]);
        let in_order: Vec<&Vec<u8>> = runs.iter().flatten().map(|number| &keys[*number]).collect();
        assert!(in_order.is_sorted());
        let (first, last) = ends(&keys, &runs[1]);
        assert_eq!((first, last), (&250_u32.to_be_bytes()[..], &499_u32.to_be_bytes()[..]));
    }
}
