CREATE TABLE parcels (
  id TEXT PRIMARY KEY,
  collective_code TEXT NOT NULL REFERENCES collectives (code),
  parcel_code TEXT UNIQUE,
  household TEXT NOT NULL,
  household_id TEXT,
  location TEXT NOT NULL,
  outline TEXT NOT NULL,
  west_mm INTEGER NOT NULL,
  south_mm INTEGER NOT NULL,
  east_mm INTEGER NOT NULL,
  north_mm INTEGER NOT NULL,
  area INTEGER NOT NULL,
  registered_area INTEGER,
  area_reason TEXT NOT NULL,
  certificate TEXT,
  occupancy TEXT NOT NULL,
  note TEXT NOT NULL,
  state TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX parcels_by_collective ON parcels (collective_code, id);
-- Neighbours: a parcel is at most 2 km wide, so those that can meet a rectangle begin within 2 km west of it.
CREATE INDEX parcels_by_place ON parcels (west_mm, east_mm, south_mm, north_mm);
