package mail

import (
	"regexp"
	"strings"
)

// stage is a step of the exchange with a server.
type stage int

// The stages.
const (
	atConnection stage = iota
	atHello
	atEncryption
	atLogin
	atSender
	atRecipient
	atText // DATA, and the end of the text
)

// originOf returns the origin of a 4xx or 5xx response: by the enhanced status
// code where that is specific, else by words that common servers use, else by the
// stage.
func originOf(s stage, code int, text string) Origin {
	switch s {
	case atEncryption:
		return OfEncryption
	case atLogin:
		return OfLogin
	case atHello:
		if code != serviceNotAvailable {
			return OfHello
		}
	case atConnection:
		if code/100 == 4 {
			return OfServer
		}
	case atSender, atRecipient, atText:
	}
	subject, detail := enhancedStatus(text)
	if o := byStatus(s, subject, detail); o != OfNothing {
		return o
	}
	if o := byWords(text); o != OfNothing {
		return o
	}
	if code == serviceNotAvailable {
		return OfServer
	}
	return byStage(s, code, subject)
}

var statusCode = regexp.MustCompile(`^[245]\.(\d{1,3})\.(\d{1,3})\b`)

// enhancedStatus returns the subject and the detail of the status code (RFC 3463)
// at the start of a response, "" if there is none.
func enhancedStatus(text string) (subject, detail string) {
	if found := statusCode.FindStringSubmatch(text); found != nil {
		return found[1], found[2]
	}
	return "", ""
}

// specific has the origins of status codes that differ from those of their
// subject, by subject and detail: from the registry of RFC 5248, and some of large
// providers.
var specific = map[string]Origin{
	"1.0": OfNothing, "1.7": OfSender, "1.8": OfSender, "1.90": OfQuota,
	"3.0": OfNothing, "3.4": OfMessage,
	"4.5": OfQuota,
	"5.3": OfQuota,
	"6.7": OfNothing,
	"7.8": OfLogin, "7.9": OfLogin, "7.11": OfLogin, "7.12": OfLogin, "7.13": OfLogin, "7.14": OfLogin,
	"7.17": OfRecipient, "7.18": OfRecipient,
	"7.20": OfSender, "7.21": OfSender, "7.22": OfSender, "7.23": OfSender, "7.24": OfSender,
	"7.25": OfHello, "7.26": OfSender, "7.27": OfSender, "7.28": OfQuota, "7.29": OfSender,
	"7.705": OfQuota, "7.708": OfQuota,
}

// bySubject has the origins of the subjects of status codes: address, mailbox,
// mail system, and content. Others say too little.
var bySubject = map[string]Origin{"1": OfRecipient, "2": OfRecipient, "3": OfServer, "6": OfMessage}

func byStatus(s stage, subject, detail string) Origin {
	o, ok := specific[subject+"."+detail]
	if !ok {
		o = bySubject[subject]
	}
	if o == OfRecipient && s < atRecipient {
		return OfSender
	}
	return o
}

// phrases are words in responses, in the order in which they count.
var phrases = []struct {
	words  *regexp.Regexp
	origin Origin
}{
	{regexp.MustCompile(`gr[ea]ylist`), OfRecipient},
	{regexp.MustCompile(`\b(helo|ehlo|hostname|rdns|ptr)\b|reverse dns`), OfHello},
	{regexp.MustCompile(`\b(relay|relaying|relayed)\b`), OfRelay},
	{regexp.MustCompile(`\b(sender|spf|dmarc|dkim|mail from|from address|from header|not owned)\b`), OfSender},
	{regexp.MustCompile(`\b(starttls|tls|ssl|encrypted|encryption)\b`), OfEncryption},
	{regexp.MustCompile(`authenticat|\b(log ?in|logged in|auth|credentials?|password)\b`), OfLogin},
	{regexp.MustCompile(`message size|\b(too large|too big|size limit)\b`), OfMessage},
	{regexp.MustCompile(`client host|blacklist|blocklist|\b(blocked using|block list|listed|reputation|banned|your ip|ip address)\b`), OfPolicy},
	{regexp.MustCompile(`\b(mailbox|inbox|over ?quota)\b`), OfRecipient},
	{regexp.MustCompile(`throttl|\b(quota|limits?|limited|too many|too much|rate|exceed(s|ed)?|flood)\b`), OfQuota},
	{regexp.MustCompile(`\b(recipient|no such|user|unknown address|invalid address|address unknown|address rejected|does not exist|disabled|undeliverable)\b`), OfRecipient},
}

// byWords returns the origin that the text names, OfNothing if none. Addresses and
// names of machines do not count.
func byWords(text string) Origin {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return r == ' ' || breaksLine(r) })
	kept := words[:0]
	for _, word := range words {
		if !strings.ContainsAny(strings.Trim(word, ".,:;"), "@.<>[]") {
			kept = append(kept, word)
		}
	}
	text = strings.Join(kept, " ")
	for _, p := range phrases {
		if p.words.MatchString(text) {
			return p.origin
		}
	}
	return OfNothing
}

// byStage returns the origin of a response that says nothing else.
func byStage(s stage, code int, subject string) Origin {
	temporary := code/100 == 4
	switch {
	case temporary && subject == "3":
		return OfServer
	case s == atSender && !temporary:
		return OfSender
	case s == atRecipient && (subject == "1" || temporary && code != insufficientStorage || subject == "" && isAboutMailbox(code)):
		return OfRecipient
	case s == atText:
		return OfMessage
	case temporary:
		return OfServer
	}
	return OfPolicy
}

// insufficientStorage is the server's own, after RCPT too.
const insufficientStorage = 452

// isAboutMailbox reports whether RFC 5321 and RFC 7504 define a code as one about
// the recipient, after RCPT.
func isAboutMailbox(code int) bool { return code >= 550 && code <= 553 || code == 556 }
