package schedule

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"roster/internal/fault"
)

// Solar runs when the sun reaches a place's horizon or meridian. Create one
// with ParseSolar; the zero value never runs. Solar values are comparable.
type Solar struct {
	event               string
	latitude, longitude float64 // degrees, north and east positive
}

// The events in Celery's documentation.
const (
	dawnAstronomical = "dawn_astronomical"
	dawnNautical     = "dawn_nautical"
	dawnCivil        = "dawn_civil"
	sunrise          = "sunrise"
	solarNoon        = "solar_noon"
	sunset           = "sunset"
	duskCivil        = "dusk_civil"
	duskNautical     = "dusk_nautical"
	duskAstronomical = "dusk_astronomical"
)

// solarEvents lists the events in the order of a day.
var solarEvents = []string{
	dawnAstronomical, dawnNautical, dawnCivil, sunrise, solarNoon,
	sunset, duskCivil, duskNautical, duskAstronomical,
}

// Events returns the events in the order of a day.
func Events() []string { return slices.Clone(solarEvents) }

// zeniths are the zenith angles of the sun's center at the events, in degrees.
// At sunrise and sunset it is 50 arc minutes below the horizon: 34 for
// refraction and 16 for the radius of the sun.
var zeniths = map[string]float64{
	dawnAstronomical: 108, dawnNautical: 102, dawnCivil: 96, sunrise: 90 + 50.0/60,
	sunset: 90 + 50.0/60, duskCivil: 96, duskNautical: 102, duskAstronomical: 108,
}

// ParseSolar parses a row of django_celery_beat_solarschedule, with degrees
// north and east. The error is Invalid and names every wrong column.
func ParseSolar(event string, latitude, longitude float64) (Solar, error) {
	var wrong fault.Fields
	if !slices.Contains(solarEvents, event) {
		wrong.Add("event", fmt.Sprintf("The event %q is not one of %s.", event, enumerate(solarEvents)))
	}
	if !(math.Abs(latitude) <= 90) {
		wrong.Add("latitude", fmt.Sprintf("The latitude %v is not from -90 to 90.", latitude))
	}
	if !(math.Abs(longitude) <= 180) {
		wrong.Add("longitude", fmt.Sprintf("The longitude %v is not from -180 to 180.", longitude))
	}
	if err := wrong.Err(); err != nil {
		return Solar{}, err
	}
	return Solar{event: event, latitude: latitude, longitude: longitude}, nil
}

// Next returns the next time of the event, truncated to the second; between the
// polar circles and in the years 1901 to 2099, it is accurate to a minute. Days
// without the event, in polar summers and winters, are skipped; if it does not
// occur for 400 days, as at the poles, there is no slot.
func (s Solar) Next(after time.Time) (time.Time, bool) {
	if s.event == "" || !storable(after) {
		return time.Time{}, false
	}
	first := s.solarDay(after) - 1
	for day := first; day < first+400; day++ {
		if at, ok := s.on(day); ok && at.After(after) {
			return slot(at)
		}
	}
	return time.Time{}, false
}

func (s Solar) last(after, now time.Time) (time.Time, bool) { return lastOf(s, after, now) }

func (s Solar) rewind(_, to time.Time) time.Time { return to }

// solarDay returns the day number in the place's mean solar time.
func (s Solar) solarDay(t time.Time) int64 {
	hours := float64(t.Unix())/3600 + s.longitude/degreesAnHour
	return int64(math.Floor(hours / 24))
}

// on returns when the event occurs around the noon of a solar day. It depends
// only on the day, so that every call gives the same slots.
func (s Solar) on(day int64) (time.Time, bool) {
	noon := float64(day)*24 + 12 - s.longitude/degreesAnHour
	at, occurs := noon, true
	for range refinements {
		var angle float64
		sun := sunAt(at)
		angle, occurs = s.hourAngle(sun.declination)
		at = noon - sun.equationOfTime + angle/degreesAnHour
	}
	return time.Unix(int64(math.Floor(at*3600)), 0), occurs
}

const (
	degreesAnHour = 15
	// The sun moves while it rises. Three iterations suffice outside the polar
	// circles; within them, the days when it begins to set need more.
	refinements = 6
)

// hourAngle returns how many degrees after noon the event occurs at that
// declination. If the sun does not reach that height, it returns false and the
// angle at which it comes closest, noon or midnight.
func (s Solar) hourAngle(declination float64) (float64, bool) {
	zenith, ok := zeniths[s.event]
	if !ok {
		return 0, true // noon
	}
	cosine := cos(zenith)/(cos(s.latitude)*cos(declination)) - tan(s.latitude)*tan(declination)
	angle := math.Acos(min(max(cosine, -1), 1)) * 180 / math.Pi
	if s.event == sunrise || strings.HasPrefix(s.event, "dawn") {
		angle = -angle
	}
	return angle, math.Abs(cosine) <= 1
}

// Describe returns text such as "at sunset, 51.4779 north 0.0015 west".
func (s Solar) Describe() string {
	north, east := "north", "east"
	if s.latitude < 0 {
		north = "south"
	}
	if s.longitude < 0 {
		east = "west"
	}
	event := strings.ReplaceAll(s.event, "_", " ")
	return fmt.Sprintf("at %s, %.4f %s %.4f %s", event, math.Abs(s.latitude), north, math.Abs(s.longitude), east)
}
