package schedule

// SunAt returns the declination in degrees and the equation of time in hours.
func SunAt(hours float64) (declination, equationOfTime float64) {
	s := sunAt(hours)
	return s.declination, s.equationOfTime
}
