//! The first rows of an order, gathered without sorting the rest.

/// Keeps the `limit` smallest of the items pushed.
#[derive(Debug)]
pub struct Top<T> {
    limit: usize,
    items: Vec<T>,
    /// The largest item that can still matter, once `limit` items were seen.
    bar: Option<T>,
}

impl<T: Ord + Copy> Top<T> {
    pub fn new(limit: usize) -> Self {
        Self { limit, items: Vec::new(), bar: None }
    }

    /// Would an item pushed now be kept? Asked before the costlier parts of an item are read.
    pub fn wants(&self, at_least: &T) -> bool {
        self.limit > 0 && self.bar.as_ref().is_none_or(|bar| at_least < bar)
    }

    pub fn push(&mut self, item: T) {
        if !self.wants(&item) {
            return;
        }
        self.items.push(item);
        // Twice the limit before each cut makes the cost of cutting constant per item.
        if self.items.len() >= 2 * self.limit {
            self.cut();
        }
    }

    fn cut(&mut self) {
        if self.items.len() < self.limit || self.limit == 0 {
            return;
        }
        let (_, last, _) = self.items.select_nth_unstable(self.limit - 1);
        self.bar = Some(*last);
        self.items.truncate(self.limit);
    }

    /// The items in order.
    pub fn into_sorted(mut self) -> Vec<T> {
        self.cut();
        self.items.sort_unstable();
        self.items
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_first_of_the_order_are_kept(items in prop::collection::hash_set(0u32..1000, 0..200), limit in 0usize..30) {
            let mut top = Top::new(limit);
            items.iter().for_each(|&item| top.push(item));
            let mut expected: Vec<u32> = items.into_iter().collect();
            expected.sort_unstable();
            expected.truncate(limit);
            prop_assert_eq!(top.into_sorted(), expected);
        }
    }
}
