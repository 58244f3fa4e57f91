package e2e_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"roster/internal/task/schedule"
	"roster/internal/zone"
)

// typedSchedules returns schedules as people type them, the same each time, some
// of which are refused: random crontabs in every notation, and the other kinds.
func typedSchedules() (all []schedule.Row) {
	random := rand.New(rand.NewPCG(13, 7))
	for _, days := range []string{"31 2", "30 2", "29 2", "31 4,6", "31 *", "30-31 feb", "* jan", "*/31 nov-feb", "1 */12"} {
		day, month, _ := strings.Cut(days, " ")
		all = append(all, crontabOf("0", "0", "*", day, month, "UTC"))
	}
	for _, days := range []string{"7", "5-7", "0-7", "1-7/2", "fri-mon", "sunday", "Sat,SUN", "7-2", "sat-7", "*/7", "6, 7"} {
		all = append(all, crontabOf("30", "3", days, "*", "*", "Europe/Berlin"))
	}
	zones := zone.Names()
	for range 170 {
		all = append(all, crontabOf(typedColumn(random, 0, 59, nil), typedColumn(random, 0, 23, nil),
			typedColumn(random, 0, 7, []string{"mon", "Sunday", "FRI"}), typedColumn(random, 1, 31, nil),
			typedColumn(random, 1, 12, []string{"jan", "december"}), zones[random.IntN(len(zones))]))
	}
	for _, period := range schedule.Periods() {
		for _, every := range []int64{1, 7, 90, 106_751, 1_000_000, 1<<31 - 1} {
			all = append(all, schedule.Row{Interval: &schedule.IntervalSpec{Every: every, Period: period}})
		}
	}
	for i, event := range schedule.Events() {
		for _, latitude := range []float64{0, 52.52, -33.9, 66.6, 90, -90} {
			all = append(all, schedule.Row{Solar: &schedule.SolarSpec{Event: event, Latitude: latitude, Longitude: float64(40*i - 180)}})
		}
	}
	for _, year := range []int{2080, 2400, 9999} {
		all = append(all, schedule.Row{Clocked: time.Date(year, 12, 31, 23, 59, 59, 0, time.UTC)})
	}
	return all
}

func crontabOf(minute, hour, weekday, day, month, in string) schedule.Row { //nolint:revive // the columns of a crontab
	return schedule.Row{Crontab: &schedule.CrontabSpec{
		Minute: minute, Hour: hour, DayOfWeek: weekday, DayOfMonth: day, MonthOfYear: month, Timezone: in,
	}}
}

// typedColumn returns a column of a crontab, valid with few exceptions.
func typedColumn(random *rand.Rand, least, most int, names []string) string {
	number := func() string {
		if len(names) > 0 && random.IntN(3) == 0 {
			return names[random.IntN(len(names))]
		}
		return strconv.Itoa(least + random.IntN(most-least+1))
	}
	var items []string
	for range []int{1, 1, 1, 2, 4}[random.IntN(5)] {
		items = append(items, []string{
			"*", fmt.Sprintf("*/%d", 1+random.IntN(most+5)), number(), number() + "-" + number(),
			fmt.Sprintf("%s-%s/%d", number(), number(), 1+random.IntN(most)), number(),
		}[random.IntN(6)])
	}
	return strings.Join(items, []string{",", ", "}[random.IntN(2)])
}
