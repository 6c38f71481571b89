#!/bin/sh
# Writes the files of this folder with exiftool (Debian: libimage-exiftool-perl), and
# golden.json with what exiftool reads in them, from plain.jpg and plain.png.
set -eu
cd "$(dirname "$0")"
rm -f camera.jpg camera.png little.jpg old.jpg golden.json
for f in jpg png; do
	exiftool -q -n -o "camera.$f" \
		-EXIF:Make=Example -EXIF:Model='Model 7 é' -LensModel='EX 24-70mm F2.8' -EXIF:Orientation=6 \
		-DateTimeOriginal='2024:05:31 09:15:30' -OffsetTimeOriginal=+05:30 -SubSecTimeOriginal=25 \
		-EXIF:ExposureTime=1/250 -EXIF:FNumber=2.8 -EXIF:ISO=400 -EXIF:FocalLength=35.5 \
		-FocalLengthIn35mmFormat=53 -GPSLatitude=33.856789 -GPSLatitudeRef=S -GPSLongitude=151.215256 \
		-GPSLongitudeRef=E -GPSAltitude=12.5 -GPSAltitudeRef=1 "plain.$f"
done
exiftool -q -n -ExifByteOrder=II -o old.jpg \
	-EXIF:Make='  Old Camera Works ' -CreateDate='1999:12:31 23:59:59' -EXIF:ExposureTime=30 \
	-EXIF:ISO=65535 -RecommendedExposureIndex=102400 -GPSLatitude=51.5 -GPSLatitudeRef=N \
	-GPSLongitude=0.125 -GPSLongitudeRef=W plain.jpg
exiftool -q -n -o little.jpg -EXIF:Orientation=3 -GPSLatitude=10 -GPSLatitudeRef=N plain.jpg
exiftool -json -n -Orientation -Make -Model -LensModel -DateTimeOriginal -CreateDate -OffsetTimeOriginal \
	-SubSecTimeOriginal -ExposureTime -FNumber -ISO -RecommendedExposureIndex -FocalLength \
	-FocalLengthIn35mmFormat -GPSLatitude -GPSLongitude -GPSAltitude \
	camera.jpg camera.png little.jpg old.jpg >golden.json
