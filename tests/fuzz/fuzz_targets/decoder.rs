//! Feeds anything to the stream decoder: it must not panic, and the cuts must not matter.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[derive(arbitrary::Arbitrary, Debug)]
struct Input {
    bytes: Vec<u8>,
    cuts: Vec<u16>,
}

fuzz_target!(|input: Input| {
    let mut cuts: Vec<usize> = input.cuts.iter().map(|&cut| usize::from(cut) % (input.bytes.len() + 1)).collect();
    cuts.sort_unstable();
    cuts.insert(0, 0);
    cuts.push(input.bytes.len());
    let chunks: Vec<&[u8]> = cuts.windows(2).map(|cut| &input.bytes[cut[0]..cut[1]]).collect();
    let whole = midjourney_imagine::fuzzing::decode(&[&input.bytes]);
    assert_eq!(midjourney_imagine::fuzzing::decode(&chunks), whole);
});
