package schedule

import "math"

// sun is the position of the sun.
type sun struct {
	declination    float64 // degrees north of the equator
	equationOfTime float64 // hours by which a sundial is ahead of mean time
}

// sunAt returns the position of the sun a number of hours after 1970 UTC, by
// the low precision method of Meeus, Astronomical Algorithms, chapters 25 and
// 28, which NOAA's solar calculator also uses. Angles are in degrees. The
// method is valid for some centuries around 2000.
func sunAt(hours float64) sun {
	// Julian centuries from 2000-01-01 12:00, day 10957.5 since 1970.
	t := (hours/24 - 10957.5) / 36525

	meanLongitude := 280.46646 + t*(36000.76983+t*0.0003032)
	meanAnomaly := 357.52911 + t*(35999.05029-t*0.0001537)
	eccentricity := 0.016708634 - t*(0.000042037+t*0.0000001267)
	center := sin(meanAnomaly)*(1.914602-t*(0.004817+t*0.000014)) +
		sin(2*meanAnomaly)*(0.019993-t*0.000101) +
		sin(3*meanAnomaly)*0.000289

	node := 125.04 - t*1934.136 // of the moon, for nutation
	longitude := meanLongitude + center - 0.00569 - 0.00478*sin(node)
	obliquity := 23.4392911 - t*(0.0130042+t*(0.000000164-t*0.000000504)) + 0.00256*cos(node)

	y := tan(obliquity/2) * tan(obliquity/2)
	equation := y*sin(2*meanLongitude) - 2*eccentricity*sin(meanAnomaly) +
		4*eccentricity*y*sin(meanAnomaly)*cos(2*meanLongitude) -
		0.5*y*y*sin(4*meanLongitude) - 1.25*eccentricity*eccentricity*sin(2*meanAnomaly)
	return sun{
		declination:    math.Asin(sin(obliquity)*sin(longitude)) * 180 / math.Pi,
		equationOfTime: equation * 180 / math.Pi / degreesAnHour,
	}
}

func sin(degrees float64) float64 { return math.Sin(degrees * math.Pi / 180) }
func cos(degrees float64) float64 { return math.Cos(degrees * math.Pi / 180) }
func tan(degrees float64) float64 { return math.Tan(degrees * math.Pi / 180) }
