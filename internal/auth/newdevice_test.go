package auth_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/auth"
	"roster/internal/auth/jwt"
	"roster/internal/auth/password"
)

// newDevices are the User-Agents that the trail calls new devices, oldest first.
func (f *fixture) newDevices(t *testing.T) (agents []string) {
	t.Helper()
	for _, row := range f.trail(t) {
		for _, n := range auth.Notices(row.Entry) {
			if n.Event == auth.NewDevice {
				agents = append(agents, n.Agent+" "+n.From)
			}
		}
	}
	return agents
}

// logInOn logs ann in with the browser of that User-Agent, address and cookie.
func (f *fixture) logInOn(t *testing.T, agent, address, device string) auth.Login {
	t.Helper()
	login, err := f.sessions.LogIn(t.Context(), auth.LoginRequest{
		Username: "ann", Password: passwordOf("ann"), UserAgent: agent, Origin: access.Origin{Address: address}, Device: device,
	})
	if err != nil {
		t.Fatal(err)
	}
	return login
}

// A login is reported once for each browser that the account did not use before,
// by its cookie, or by its User-Agent and network.
func TestNewDevice(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.create(t, named("ann"), true)
	const laptop, phone = "192.0.2.1", "2001:db8::1"
	first := f.logInOn(t, "Firefox", laptop, "")
	want := func(what string, agents ...string) {
		t.Helper()
		if got := f.newDevices(t); strings.Join(got, ", ") != strings.Join(agents, ", ") {
			t.Errorf("%s: got %q, want %q", what, got, agents)
		}
	}
	want("the first login of an account")
	f.logInOn(t, "Firefox", laptop, "")
	f.logInOn(t, "Firefox 2", "203.0.113.9", first.Device)
	want("a browser without its cookie, and elsewhere with it")
	f.logInOn(t, "Firefox", phone, "")
	want("another network", "Firefox "+phone)
	f.logInOn(t, "Firefox", "2001:db8::2", "")
	want("the same network", "Firefox "+phone)
	f.logInOn(t, "curl", laptop, "forged")
	want("another program", "Firefox "+phone, "curl "+laptop)
	f.Advance(auth.DeviceLife)
	f.logInOn(t, "Firefox", laptop, first.Device)
	want("long after", "Firefox "+phone, "curl "+laptop, "Firefox "+laptop)
}

// A browser stays known if its login stores the password with another hash.
func TestNewDevice_Rehash(t *testing.T) {
	t.Parallel()
	f := newFixtureOf(t, password.PBKDF2SHA256, false)
	f.create(t, named("ann"), true)
	device := f.logInOn(t, "Firefox", "192.0.2.1", "").Device
	f.services(password.Argon2, false)
	f.logInOn(t, "Firefox", "203.0.113.9", device)
	if got := f.newDevices(t); len(got) != 0 {
		t.Errorf("got %q", got)
	}
}

// Half a login is none: the code decides, also about the device.
func TestNewDevice_WithCode(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	a := f.create(t, named("ann"), true)
	key, _ := f.enrol(t, f.logIn(t, a))
	half := f.logInOn(t, "Thief", "203.0.113.9", "")
	_, _ = f.enterCode(t, half.Token, "000000")
	if got := f.newDevices(t); len(got) != 0 {
		t.Errorf("without a code: got %q", got)
	}
	if _, err := f.enterCode(t, half.Token, key.Code(f.Now())); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(f.newDevices(t)); got != "[Thief 192.0.2.1]" {
		t.Errorf("with a code: got %s", got)
	}
}

// Passkeys, providers, JSON Web Tokens and Basic are reported alike.
func TestNewDevice_EveryLogin(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ann := f.linked(t, named("ann"))
	token := f.logIn(t, ann)
	away := access.Origin{Address: "203.0.113.9"}
	tokens := f.newJWTs(jwt.HS256, jwtSecret)
	for range 2 {
		if _, err := tokens.Obtain(t.Context(), auth.LoginRequest{Username: "ann", Password: passwordOf("ann"), UserAgent: "script", Origin: away}); err != nil {
			t.Fatal(err)
		}
		if _, err := auth.NewBasicAuth(f.sessions).Authenticate(t.Context(), "ann", passwordOf("ann").Reveal(), away); err != nil {
			t.Fatal(err)
		}
		r := auth.IdentityLogin{Claims: person(), Rules: auth.ProviderRules{Name: "corp"}, Origin: away, UserAgent: "Chrome"}
		if _, err := f.identities().LogIn(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	key, _ := f.addPasskey(t, token, "")
	for range 2 {
		r := f.answerLogin(t, key)
		r.UserAgent, r.Origin = "Safari", away
		if _, err := f.passkeys.LogIn(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if got := fmt.Sprint(f.newDevices(t)); got != "[script 203.0.113.9 HTTP Basic 203.0.113.9 Chrome 203.0.113.9 Safari 203.0.113.9]" {
		t.Errorf("got %s", got)
	}
}

// Neither the notices nor the counters of an account grow without limit.
func TestNewDevice_AtMostFiveADay(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.create(t, named("ann"), true)
	for i := range 9 {
		f.logInOn(t, fmt.Sprint("Browser ", i), "192.0.2.1", "")
	}
	if got := f.newDevices(t); len(got) != 4 { // and the first login
		t.Errorf("got %q", got)
	}
	f.Advance(24 * time.Hour)
	f.logInOn(t, "Browser 8", "192.0.2.1", "")
	if got := f.newDevices(t); len(got) != 5 {
		t.Errorf("a day later: got %q, want what was not reported", got)
	}
}
