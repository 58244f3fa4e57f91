package mail_test

import (
	"strings"
	"testing"

	"roster/internal/mail"
)

// loginScript offers logins with a line of EHLO, and answers each mechanism with
// a response; 235 ends the login.
func loginScript(offer string, responses map[string]string) func(string) string {
	return func(line string) string {
		verb, rest, _ := strings.Cut(line, " ")
		mechanism, _, _ := strings.Cut(rest, " ")
		switch {
		case verb == "EHLO":
			return "250-mail.example.com\n250-" + strings.ReplaceAll(offer, "\n", "\n250-") + "\n250 PIPELINING"
		case verb == "AUTH" && responses[mechanism] != "":
			return responses[mechanism]
		case verb == "AUTH" && mechanism == "PLAIN":
			return "235 2.7.0 OK"
		case verb == "AUTH":
			return "334 VXNlcm5hbWU6"
		case line == "cm9zdGVy": // roster
			return "334 UGFzc3dvcmQ6"
		case line == "aHVudGVyMg==": // hunter2
			return "235 2.7.0 OK"
		case line == "*":
			return "501 5.7.0 aborted"
		}
		return accept(line)
	}
}

// Every mechanism that is offered is tried once, as by Python's smtplib. Keywords
// are case-insensitive, and "AUTH=" is the older form.
func TestSMTP_Mechanisms(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		offer     string
		responses map[string]string
		tried     string // mechanisms
		want      string // error, "" if the message is sent
	}{
		"the first":              {"AUTH PLAIN LOGIN", nil, "PLAIN", ""},
		"CRAM-MD5 fails":         {"AUTH CRAM-MD5 PLAIN LOGIN", map[string]string{"CRAM-MD5": "535 5.7.8 no"}, "CRAM-MD5 PLAIN", ""},
		"CRAM-MD5 is broken":     {"AUTH CRAM-MD5 PLAIN", map[string]string{"CRAM-MD5": "334 %%%"}, "CRAM-MD5 PLAIN", ""},
		"CRAM-MD5 is away":       {"AUTH CRAM-MD5 PLAIN", map[string]string{"CRAM-MD5": "454 4.7.0 later"}, "CRAM-MD5 PLAIN", ""},
		"PLAIN is not known":     {"AUTH PLAIN LOGIN", map[string]string{"PLAIN": "504 5.5.4 no"}, "PLAIN LOGIN", ""},
		"PLAIN wants more":       {"AUTH PLAIN LOGIN", map[string]string{"PLAIN": "334 "}, "PLAIN LOGIN", ""},
		"lower case":             {"auth login plain", nil, "LOGIN", ""},
		"AUTH=":                  {"AUTH=PLAIN", nil, "PLAIN", ""},
		"auth=":                  {"auth=login plain", nil, "LOGIN", ""},
		"both forms":             {"AUTH=LOGIN\nAUTH LOGIN PLAIN", map[string]string{"LOGIN": "504 no"}, "LOGIN PLAIN", ""},
		"logged in already":      {"AUTH PLAIN", map[string]string{"PLAIN": "503 5.5.1 already authenticated"}, "PLAIN", ""},
		"all fail":               {"AUTH CRAM-MD5 PLAIN LOGIN", map[string]string{"CRAM-MD5": "504 no", "PLAIN": "535 5.7.8 bad", "LOGIN": "504 no"}, "CRAM-MD5 PLAIN LOGIN", "the server rejects the user or the password: 535 5.7.8 bad"},
		"unknown ones only":      {"AUTH GSSAPI NTLM", nil, "", "the server offers no supported login"},
		"none":                   {"SIZE 1000", nil, "", "the server offers no supported login"},
		"it ends the connection": {"AUTH CRAM-MD5 PLAIN", map[string]string{"CRAM-MD5": "close"}, "CRAM-MD5", "the connection to the server failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := play(t, loginScript(test.offer, test.responses))
			err := s.sender(t, func(o *mail.SMTPOptions) { o.User, o.Password = "roster", "hunter2" }).Send(t.Context(), valid())
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			var tried []string
			for _, line := range s.heard("AUTH") {
				tried = append(tried, strings.Fields(line)[1])
			}
			if got := strings.Join(tried, " "); got != test.tried {
				t.Errorf("got the mechanisms %q, want %q", got, test.tried)
			}
		})
	}
}

// What a server offers in lower case is used like the rest.
func TestSMTP_Keywords(t *testing.T) {
	t.Parallel()
	s := play(t, func(line string) string {
		if strings.HasPrefix(line, "EHLO") {
			return "250-mail.example.com\n250-8bitmime\n250 smtputf8"
		}
		return accept(line)
	})
	m := valid()
	m.To = "\u0131rmak@example.com"
	if err := s.sender(t).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if got := s.heard("MAIL"); len(got) != 1 || got[0] != "MAIL FROM:<users@example.com> BODY=8BITMIME SMTPUTF8" {
		t.Errorf("got %q", got)
	}
}

// A server that does not know EHLO is greeted with HELO.
func TestSMTP_HELO(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"500", "502"} {
		s := play(t, func(line string) string {
			if strings.HasPrefix(line, "EHLO") {
				return code + " what?"
			}
			return accept(line)
		})
		if err := s.sender(t).Send(t.Context(), valid()); err != nil || len(s.heard("HELO")) != 1 {
			t.Errorf("%s: got %v, %q", code, err, s.heard("HELO"))
		}
	}
}
