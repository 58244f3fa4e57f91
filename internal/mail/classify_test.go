package mail_test

import (
	"errors"
	"strings"
	"testing"

	"roster/internal/mail"
)

// TestSMTP_Origin sends a message to servers that reject it, in the words of
// Postfix, Exim, Sendmail, Exchange and large providers. Only a rejection of the
// recipient is one.
func TestSMTP_Origin(t *testing.T) {
	t.Parallel()
	const deferred, refused, unusable = mail.Deferred, mail.Refused, mail.Unusable
	for _, test := range []struct {
		stage, response string
		origin          mail.Origin
		state           mail.State
	}{
		// The recipient.
		{"RCPT", "550 5.1.1 <ada@example.com>: Recipient address rejected: User unknown in local recipient table", mail.OfRecipient, refused},
		{"RCPT", "550 5.1.0 Address rejected.", mail.OfRecipient, refused},
		{"RCPT", "550 5.1.2 <ada@example.com>: Recipient address rejected: Domain not found", mail.OfRecipient, refused},
		{"RCPT", "501 5.1.3 Bad recipient address syntax", mail.OfRecipient, refused},
		{"RCPT", "556 5.1.10 Recipient address has null MX", mail.OfRecipient, refused},
		{"RCPT", "550 5.2.1 The email account that you tried to reach is disabled.", mail.OfRecipient, refused},
		{"RCPT", "552 5.2.2 Mailbox full", mail.OfRecipient, refused},
		{"RCPT", "550 5.4.1 Recipient address rejected: Access denied. [DB5EUR.eop.example]", mail.OfRecipient, refused},
		{"RCPT", "554 5.7.1 <ada@example.com>: Recipient address rejected: Access denied", mail.OfRecipient, refused},
		{"RCPT", "504 5.5.2 <ada>: Recipient address rejected: need fully-qualified address", mail.OfRecipient, refused},
		{"RCPT", "550 No such user here", mail.OfRecipient, refused},
		{"RCPT", "550 <relay-sender@example.com>: unknown", mail.OfRecipient, refused},
		{"RCPT", "550 Unrouteable address", mail.OfRecipient, refused},
		{"RCPT", "553 sorry", mail.OfRecipient, refused},
		{"RCPT", "556 no", mail.OfRecipient, refused},
		{"RCPT", "550-5.1.1 The account does not exist.\n550 5.1.1 Please check the address of the sender.", mail.OfRecipient, refused},
		{"RCPT", "450 4.2.0 <ada@example.com>: Recipient address rejected: Greylisted", mail.OfRecipient, deferred},
		{"RCPT", "451 4.7.1 Greylisting in action, please come back later", mail.OfRecipient, deferred},
		{"RCPT", "452 4.2.2 The email account that you tried to reach is over quota.", mail.OfRecipient, deferred},
		{"RCPT", "450 try again", mail.OfRecipient, deferred},
		{".", "550 5.1.1 no such mailbox", mail.OfRecipient, refused},
		{".", "552 5.2.2 mailbox full", mail.OfRecipient, refused},
		{".", "550 mailbox is full", mail.OfRecipient, refused},
		// The message.
		{".", "554 5.7.1 Message rejected as spam by content filtering", mail.OfMessage, unusable},
		{".", "552 5.3.4 Message size exceeds fixed limit", mail.OfMessage, unusable},
		{".", "550 5.6.0 Lone CR or LF in headers", mail.OfMessage, unusable},
		{".", "554 Transaction failed", mail.OfMessage, unusable},
		{"RCPT", "552 5.3.4 Message size exceeds fixed limit", mail.OfMessage, unusable},
		{".", "451 4.7.1 try again", mail.OfMessage, deferred},
		// The sender.
		{"MAIL", "550 5.1.1 who?", mail.OfSender, unusable},
		{"MAIL", "550 5.2.1 disabled", mail.OfSender, unusable},
		{"MAIL", "550 no", mail.OfSender, unusable},
		{"MAIL", "450 4.1.8 <users@example.com>: Sender address rejected: Domain not found", mail.OfSender, deferred},
		{"RCPT", "550 5.1.0 <users@example.com>: Sender address rejected: User unknown in virtual mailbox table", mail.OfSender, unusable},
		{"RCPT", "550 5.1.7 <users@example.com>: Sender address rejected: undeliverable address", mail.OfSender, unusable},
		{"RCPT", "450 4.1.8 <users@example.com>: Sender address rejected: Domain not found", mail.OfSender, deferred},
		{"RCPT", "553 5.7.1 <users@example.com>: Sender address rejected: not owned by user roster", mail.OfSender, unusable},
		{"RCPT", "550 Sender verify failed", mail.OfSender, unusable},
		{"RCPT", "550 5.7.23 The message was rejected because of Sender Policy Framework violation", mail.OfSender, unusable},
		{".", "550 5.7.26 Unauthenticated email from example.com is not accepted due to domain's DMARC policy", mail.OfSender, unusable},
		{".", "550 5.1.8 Access denied, bad outbound sender", mail.OfSender, unusable},
		// The login.
		{"MAIL", "530 5.7.0 Authentication required", mail.OfLogin, unusable},
		{"RCPT", "530 5.7.1 Client was not authenticated", mail.OfLogin, unusable},
		{"RCPT", "550 authentication required", mail.OfLogin, unusable},
		{".", "535 5.7.8 credentials expired", mail.OfLogin, unusable},
		{"MAIL", "530 5.7.0 Must issue a STARTTLS command first", mail.OfEncryption, unusable},
		// A quota.
		{"MAIL", "452 4.5.3 Your message has too many recipients", mail.OfQuota, deferred},
		{"RCPT", "550 5.4.5 Daily user sending limit exceeded.", mail.OfQuota, unusable},
		{"RCPT", "451 4.7.28 Our system has detected an unusual rate of mail", mail.OfQuota, deferred},
		{".", "550 5.1.90 Your message can't be sent because you've reached your daily limit for message recipients", mail.OfQuota, unusable},
		{".", "454 Throttling failure: Daily message quota exceeded", mail.OfQuota, deferred},
		{".", "550 Daily sending quota exceeded", mail.OfQuota, unusable},
		// This machine's name.
		{"EHLO", "504 5.5.2 <vm>: Helo command rejected: need fully-qualified hostname", mail.OfHello, unusable},
		{"EHLO", "550 who are you", mail.OfHello, unusable},
		{"RCPT", "504 5.5.2 <vm>: Helo command rejected: need fully-qualified hostname", mail.OfHello, unusable},
		{"RCPT", "450 4.7.1 <vm>: Helo command rejected: Host not found", mail.OfHello, deferred},
		{"RCPT", "450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.1]", mail.OfHello, deferred},
		// The relay.
		{"RCPT", "554 5.7.1 <ada@example.com>: Relay access denied", mail.OfRelay, unusable},
		{"RCPT", "550 relay not permitted", mail.OfRelay, unusable},
		{"RCPT", "550 5.7.1 Unable to relay", mail.OfRelay, unusable},
		{"RCPT", "550 5.7.1 <ada@example.com>... Relaying denied. Proper authentication required.", mail.OfRelay, unusable},
		{"RCPT", "550 5.7.64 TenantAttribution; Relay Access Denied", mail.OfRelay, unusable},
		// This machine.
		{"connect", "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.example.org", mail.OfPolicy, unusable},
		{"RCPT", "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.example.org", mail.OfPolicy, unusable},
		{"RCPT", "503 5.5.1 Error: need MAIL command", mail.OfPolicy, unusable},
		{"RCPT", "554 5.7.1 Denied", mail.OfPolicy, unusable},
		// The server.
		{"connect", "421 4.7.0 Too many concurrent connections", mail.OfServer, deferred},
		{"EHLO", "421 Shutting down", mail.OfServer, deferred},
		{"MAIL", "451 4.3.0 Temporary lookup failure", mail.OfServer, deferred},
		{"MAIL", "451 Local error", mail.OfServer, deferred},
		{"RCPT", "421 Shutting down", mail.OfServer, deferred},
		{"RCPT", "452 4.3.1 Insufficient system storage", mail.OfServer, deferred},
		{"RCPT", "452 Insufficient system storage", mail.OfServer, deferred},
		{"RCPT", "451 4.3.0 <ada@example.com>: Temporary lookup failure", mail.OfServer, deferred},
		{".", "451 4.3.0 Error: queue file write error", mail.OfServer, deferred},
	} {
		s := play(t, func(line string) string {
			if strings.HasPrefix(line, test.stage) {
				return test.response
			}
			return accept(line)
		})
		err := s.sender(t).Send(t.Context(), valid())
		failure, ok := errors.AsType[*mail.SendError](err)
		if !ok || failure.Origin != test.origin || failure.State != test.state {
			t.Errorf("%s after %s: got origin %d, state %d (%v), want %d, %d", test.response, test.stage, failure.Origin, failure.State, err, test.origin, test.state)
		}
		requireFailure(t, err, test.state, failure.Code, failure.Message+": "+test.response[:3])
	}
}

// Advice names the settings of what the server rejects, and none for a recipient.
func TestSendError_Advice(t *testing.T) {
	t.Parallel()
	for want, response := range map[string]string{
		"":                                     "550 5.1.1 no such user",
		"; see DEFAULT_FROM_EMAIL":             "550 5.1.7 bad sender",
		"; see EMAIL_EHLO_NAME":                "504 5.5.2 Helo command rejected",
		"; see EMAIL_HOST and EMAIL_HOST_USER": "554 5.7.1 Relay access denied",
		"; see EMAIL_HOST_USER and EMAIL_HOST_PASSWORD": "530 5.7.0 Authentication required",
	} {
		s := play(t, func(line string) string {
			if strings.HasPrefix(line, "RCPT") {
				return response
			}
			return accept(line)
		})
		err := s.sender(t).Send(t.Context(), valid())
		failure, ok := errors.AsType[*mail.SendError](err)
		if !ok || failure.Advice() != want {
			t.Errorf("%s: got %q, want %q", response, failure.Advice(), want)
		}
	}
}
