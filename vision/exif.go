package vision

import (
	"math"
	"time"
)

// EXIF is what a camera wrote into a file, as far as this package reads it. What the
// file does not say, or says in a way that cannot be, is zero. Nothing here is
// proven: anybody can write what they like.
//
// Texts are at most 128 bytes of valid UTF-8 without control characters.
type EXIF struct {
	Make  string `json:"make,omitempty"`  // who made the camera
	Model string `json:"model,omitempty"` // of the camera
	Lens  string `json:"lens,omitempty"`  // the lens's model

	// Taken is when the picture was taken, or else when it was digitized, with the
	// fraction of its second. Cameras before EXIF 2.31 do not say in which time zone:
	// then Zoned is false, and Taken is their clock's time as if it were UTC.
	Taken time.Time `json:"taken,omitzero"`
	Zoned bool      `json:"zoned,omitempty"`

	ExposureTime  time.Duration `json:"exposure_time,omitempty"`   // rounded to a nanosecond
	FNumber       float64       `json:"f_number,omitempty"`        // 2.8 for f/2.8
	ISO           int           `json:"iso,omitempty"`             // photographic sensitivity
	FocalLength   float64       `json:"focal_length,omitempty"`    // in millimetres
	FocalLength35 int           `json:"focal_length_35,omitempty"` // with the same view on 35 mm film, in millimetres

	// Position is where the picture was taken, nil unless [DecodeOptions].GPS asked
	// for it: people who share a picture seldom mean to share where they live.
	Position *Position `json:"position,omitempty"`
}

// Position is a place on the earth, WGS-84 unless the camera was set otherwise.
type Position struct {
	Latitude  float64 `json:"latitude"`  // in degrees, -90 to 90, north positive
	Longitude float64 `json:"longitude"` // in degrees, -180 to 180, east positive
	Altitude  float64 `json:"altitude"`  // in metres above the sea; 0 if unknown
}

// exifPrefix precedes the TIFF structure in an APP1 segment.
const exifPrefix = "Exif\x00\x00"

// metadata is what the EXIF blocks of a file say.
type metadata struct {
	orientation Orientation // 0 if none says
	exif        EXIF
}

// add reads one more block. Of several, the first that says something counts. A
// malformed one says nothing, since metadata must not cost the user the picture.
func (m *metadata) add(block []byte) {
	var b exifBlock
	b.read(block)
	if m.orientation == 0 {
		m.orientation = b.orientation
	}
	if m.exif == (EXIF{}) {
		m.exif = b.exif()
	}
}

// Tags of EXIF 3.0 (CIPA DC-008-2023), sections 4.6.5 to 4.6.7.
const (
	tagMake        = 0x010f
	tagModel       = 0x0110
	tagOrientation = 0x0112
	tagExif        = 0x8769 // the offset of a directory
	tagGPS         = 0x8825 // the offset of a directory

	tagExposureTime  = 0x829a
	tagFNumber       = 0x829d
	tagISO           = 0x8827
	tagExposureIndex = 0x8832 // the ISO where 16 bits do not hold it
	tagOriginal      = 0x9003
	tagDigitized     = 0x9004
	tagOffset        = 0x9011 // of tagOriginal; of tagDigitized it is the next
	tagFraction      = 0x9291 // of tagOriginal; of tagDigitized it is the next
	tagFocalLength   = 0x920a
	tagFocalLength35 = 0xa405
	tagLens          = 0xa434

	tagLatitudeRef  = 1
	tagLatitude     = 2
	tagLongitudeRef = 3
	tagLongitude    = 4
	tagAltitudeRef  = 5
	tagAltitude     = 6
)

// exifBlock is the raw values of a block.
type exifBlock struct {
	tiffBlock
	orientation   Orientation
	camera, model string
	lens          string
	taken, made   [3]string // date, offset and fraction of the second: original, digitized
	exposure, f   rational
	focal         rational
	focal35       uint32
	iso, index    uint32
	latitude      [3]rational
	longitude     [3]rational
	south, west   string
	altitude      rational
	belowSea      bool
}

// read visits the first directory and those of the exposure and the position, each
// once. It follows no other offset, so it cannot loop.
func (b *exifBlock) read(block []byte) {
	first, ok := b.open(block)
	if !ok {
		return
	}
	var exposure, place uint32
	for e := range b.directory(first) {
		switch e.tag {
		case tagMake:
			b.camera = e.text()
		case tagModel:
			b.model = e.text()
		case tagOrientation:
			if o := Orientation(e.short()); o.valid() {
				b.orientation = o
			}
		case tagExif:
			exposure = e.integer()
		case tagGPS:
			place = e.integer()
		}
	}
	if exposure != first {
		b.readExposure(exposure)
	}
	if place != first && place != exposure {
		b.readPlace(place)
	}
}

func (b *exifBlock) readExposure(at uint32) {
	for e := range b.directory(at) {
		switch e.tag {
		case tagExposureTime:
			b.exposure = e.rational(0)
		case tagFNumber:
			b.f = e.rational(0)
		case tagISO:
			b.iso = e.integer()
		case tagExposureIndex:
			b.index = e.integer()
		case tagOriginal:
			b.taken[0] = e.text()
		case tagDigitized:
			b.made[0] = e.text()
		case tagOffset:
			b.taken[1] = e.text()
		case tagOffset + 1:
			b.made[1] = e.text()
		case tagFraction:
			b.taken[2] = e.text()
		case tagFraction + 1:
			b.made[2] = e.text()
		case tagFocalLength:
			b.focal = e.rational(0)
		case tagFocalLength35:
			b.focal35 = e.integer()
		case tagLens:
			b.lens = e.text()
		}
	}
}

func (b *exifBlock) readPlace(at uint32) {
	for e := range b.directory(at) {
		switch e.tag {
		case tagLatitudeRef:
			b.south = e.text()
		case tagLongitudeRef:
			b.west = e.text()
		case tagLatitude:
			b.latitude = [3]rational{e.rational(0), e.rational(1), e.rational(2)}
		case tagLongitude:
			b.longitude = [3]rational{e.rational(0), e.rational(1), e.rational(2)}
		case tagAltitudeRef:
			b.belowSea = e.byte() == 1
		case tagAltitude:
			b.altitude = e.rational(0)
		}
	}
}

func (b *exifBlock) exif() EXIF {
	x := EXIF{
		Make: b.camera, Model: b.model, Lens: b.lens,
		ExposureTime: time.Duration(math.Round(b.exposure.float() * 1e9)),
		FNumber:      b.f.float(), FocalLength: b.focal.float(), FocalLength35: int(b.focal35 & 0xffff),
		Position: b.position(),
	}
	const full = 1<<16 - 1 // says: look at the exposure index
	if x.ISO = int(min(b.iso, full)); x.ISO == 0 || x.ISO == full && b.index > 0 {
		x.ISO = int(min(b.index, math.MaxInt32))
	}
	for _, t := range [][3]string{b.taken, b.made} {
		if x.Taken.IsZero() {
			x.Taken, x.Zoned = exifTime(t)
		}
	}
	return x
}

// exifTime reads a date such as "2024:05:31 09:15:00", an offset such as "+02:00" and
// the digits of a fraction. Clocks that were never set say zeros or blanks.
func exifTime(t [3]string) (taken time.Time, zoned bool) {
	const layout = "2006:01:02 15:04:05"
	if len(t[0]) != len(layout) {
		return time.Time{}, false
	}
	text := t[0]
	if _, err := time.Parse(layout+".9", text+"."+t[2]); err == nil && len(t[2]) <= 9 {
		text += "." + t[2]
	}
	// In UTC, so that the result does not depend on where the program runs.
	if z, err := time.ParseInLocation(layout+"-07:00", text+t[1], time.UTC); err == nil {
		const farthest = 15 * 3600 // no time zone is as far from UTC
		if _, offset := z.Zone(); -farthest < offset && offset < farthest {
			return z, true
		}
	}
	taken, err := time.ParseInLocation(layout, text, time.UTC)
	if err != nil {
		return time.Time{}, false
	}
	return taken, false
}

func (b *exifBlock) position() *Position {
	latitude, ok := degrees(b.latitude, b.south, "N", "S")
	if !ok || latitude < -90 || latitude > 90 {
		return nil
	}
	longitude, ok := degrees(b.longitude, b.west, "E", "W")
	if !ok || longitude < -180 || longitude > 180 {
		return nil
	}
	altitude := b.altitude.float()
	if b.belowSea {
		altitude = 0 - altitude // of 0 no negative zero
	}
	return &Position{Latitude: latitude, Longitude: longitude, Altitude: altitude}
}

// degrees joins degrees, minutes and seconds.
func degrees(dms [3]rational, ref, positive, negative string) (float64, bool) {
	for _, r := range dms {
		if r.den == 0 {
			return 0, false
		}
	}
	d := dms[0].float() + dms[1].float()/60 + dms[2].float()/3600
	switch ref {
	case positive:
		return d, true
	case negative:
		return 0 - d, true
	}
	return 0, false
}
