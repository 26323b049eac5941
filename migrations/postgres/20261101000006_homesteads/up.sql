CREATE TABLE parcels (
  id TEXT COLLATE "C" PRIMARY KEY,
  collective_code TEXT COLLATE "C" NOT NULL REFERENCES collectives (code),
  parcel_code TEXT UNIQUE,
  household TEXT NOT NULL,
  household_id TEXT COLLATE "C",
  location TEXT NOT NULL,
  outline TEXT NOT NULL,
  west_mm BIGINT NOT NULL,
  south_mm BIGINT NOT NULL,
  east_mm BIGINT NOT NULL,
  north_mm BIGINT NOT NULL,
  area BIGINT NOT NULL,
  registered_area BIGINT,
  area_reason TEXT NOT NULL,
  certificate TEXT,
  occupancy TEXT NOT NULL,
  note TEXT NOT NULL,
  state TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL
);
CREATE INDEX parcels_by_collective ON parcels (collective_code, id);
-- Neighbours: a parcel is at most 2 km wide, so those that can meet a rectangle begin within 2 km west of it.
CREATE INDEX parcels_by_place ON parcels (west_mm, east_mm, south_mm, north_mm);
