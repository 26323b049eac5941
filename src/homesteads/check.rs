//! Whether areas on record are those of the shapes (a check of meaning, see [`log::Check`]).

use super::{geometry::Bounds, store::ParcelRow};
use crate::log::{self, Check, Contradiction, Words};

const OTHER_AREA: Words = Words {
    line: "area or bounds are not those of the outline",
    page: "宗地的面积或四至与图形算出来的不一样",
};

pub(super) const CHECK: Check = Check {
    tables: &["parcels"],
    run: |rx, found| {
        ParcelRow::each(rx, |_, row| {
            let bounds =
                Bounds { west_mm: row.west_mm, south_mm: row.south_mm, east_mm: row.east_mm, north_mm: row.north_mm };
            let outline = log::understood(row.outline())?;
            if outline.is_none_or(|outline| (outline.area(), outline.bounds()) != (row.area, bounds)) {
                found(Contradiction::new("parcels", &row.id, OTHER_AREA));
            }
            Ok(())
        })
    },
};
