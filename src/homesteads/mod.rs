//! Homestead parcels (宅基地宗地): where they lie, how large they are, and that no ground is registered twice.
//!
//! Promise: a stored shape is a valid polygon in whole millimetres of CGCS2000 zone 38; its area comes from the shape and stands
//! beside the registered one, a difference is a remark and never a wall; a shape that covers ground of another parcel is refused
//! with the other's name; maps carry no coordinates and say that they prove no boundary.

pub mod demo_plots;
pub mod geojson;
pub mod geometry;
pub mod map;
pub mod parcel_code;
pub mod rules;
pub mod topology;
