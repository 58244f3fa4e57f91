package admin_test

import (
	"testing"
	"unicode"
	"unicode/utf8"

	"roster/internal/admin"
)

func TestBrowserOf(t *testing.T) {
	t.Parallel()
	const webKit = "AppleWebKit/537.36 (KHTML, like Gecko) "
	for agent, want := range map[string]string{
		"Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0":                                                                 "Firefox on Linux",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) " + webKit + "Chrome/142.0.0.0 Safari/537.36":                                                 "Chrome on Windows",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) " + webKit + "Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0":                                   "Edge on Windows",
		"Mozilla/5.0 (X11; Linux x86_64) " + webKit + "HeadlessChrome/142.0.0.0 Safari/537.36":                                                   "Chrome on Linux",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) " + webKit + "Chrome/142.0.0.0 Safari/537.36 OPR/124.0.0.0":                             "Opera on macOS",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15":                  "Safari on macOS",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142.0 Mobile/15E148 Safari/604.1": "Chrome on iPhone",
		"Mozilla/5.0 (Linux; Android 10; K) " + webKit + "SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36":                             "Samsung Internet on Android",
		"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) " + webKit + "Chrome/142.0.0.0 Safari/537.36":                                                  "Chrome on ChromeOS",
		"curl/8.17.0":            "curl",
		"python-requests/2.32.5": "python-requests",
		"Mozilla/5.0":            "Unknown browser",
		"":                       "Unknown browser",
		" \x00 ":                 "Unknown browser",
		"Браузер":                "Браузер",
		"a-program-with-a-name-that-does-not-end-soon": "a-program-with-a-name-that-doe…",
	} {
		if got := admin.BrowserOf(agent); got != want {
			t.Errorf("%q: got %q, want %q", agent, got, want)
		}
	}
}

// FuzzBrowserOf: whatever a client calls itself, the name is short and can be shown.
func FuzzBrowserOf(f *testing.F) {
	f.Add("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0")
	f.Add("\u202e\xff/x")
	f.Fuzz(func(t *testing.T, agent string) {
		got := admin.BrowserOf(agent)
		if n := utf8.RuneCountInString(got); n == 0 || n > 50 {
			t.Errorf("got %q of %d characters", got, n)
		}
		for _, r := range got {
			if unicode.IsControl(r) {
				t.Errorf("got %q with %U", got, r)
			}
		}
	})
}
