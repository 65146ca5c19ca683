//! A dozen sample items for the first look at an empty embedded database.

use app::items::ItemDraft;

/// Name, description, price in cents.
const SAMPLES: [(&str, &str, i64); 12] = [
    ("Brass compass", "Points north, whatever the weather. In a case of walnut.", 4_900),
    ("Field notebook", "Ninety-six dotted pages that take ink well, sewn to lie flat.", 1_450),
    ("Storm lantern", "Burns through the night on a cup of oil and does not mind the wind.", 6_200),
    ("Wool blanket", "Woven in one piece from undyed yarn, heavy enough for a balcony in March.", 12_900),
    ("Enamel mug", "Chips with dignity. Holds a third of a litre.", 1_200),
    ("Carpenter's square", "True to a tenth of a millimetre, and stamped with the year it was made.", 3_350),
    ("Canvas satchel", "Waxed cotton, two pockets, one strap that never slips.", 8_800),
    ("Pocket barometer", "Knows about tomorrow before the forecast does.", 15_400),
    ("Map of the coast", "Soundings and lighthouses, surveyed anew, printed on linen.", 2_700),
    ("Folding knife", "A blade of carbon steel that asks for a little oil and keeps its edge.", 5_600),
    ("Iron key", "To no door in particular. Weighs more than it looks.", 950),
    ("Spyglass", "Eight times nearer, in three brass draws.", 18_900),
];

/// The sample items.
pub fn items() -> Vec<ItemDraft> {
    let item = |(name, description, price): (&str, &str, i64)| ItemDraft {
        name: name.into(),
        description: Some(description.into()),
        price: Some(price),
        currency: Some("EUR".into()),
    };
    SAMPLES.into_iter().map(item).collect()
}
