package mail

// Origin is what a failure is due to. Servers may delay the rejection of the name
// in EHLO, the login, the relay or the sender to RCPT, and that of the sender or
// of a quota to the end of the message, so the stage alone does not show it.
type Origin int

// The origins. Only with OfRecipient may other messages be delivered.
const (
	OfNothing    Origin = iota
	OfServer            // the server, or the connection to it
	OfRecipient         // the recipient's address or mailbox
	OfMessage           // the content or the size
	OfSender            // the address or the domain of the sender
	OfLogin             // the user, the password, or that there is none
	OfQuota             // the number of messages
	OfHello             // the name in EHLO, or that of this machine's address
	OfRelay             // that this machine sends to other domains
	OfPolicy            // this machine, for another reason
	OfEncryption        // the encryption, or the certificate
	OfHost              // the name of the server
)

// origins has the messages for a rejection, and the settings to look at.
var origins = map[Origin]struct{ message, settings string }{
	OfServer:     {"the server is not available", ""},
	OfRecipient:  {"the server rejects the recipient", ""},
	OfMessage:    {"the server rejects the message", ""},
	OfSender:     {"the server rejects the sender", "DEFAULT_FROM_EMAIL"},
	OfLogin:      {"the server rejects the user or the password", "EMAIL_HOST_USER and EMAIL_HOST_PASSWORD"},
	OfQuota:      {"the server accepts no more messages for now", ""},
	OfHello:      {"the server rejects the name of this machine", "EMAIL_EHLO_NAME"},
	OfRelay:      {"the server does not relay messages for this machine", "EMAIL_HOST and EMAIL_HOST_USER"},
	OfPolicy:     {"the server rejects this machine", "EMAIL_HOST and EMAIL_HOST_USER"},
	OfEncryption: {"the server requires other encryption", "EMAIL_USE_TLS, EMAIL_USE_SSL and EMAIL_PORT"},
	OfHost:       {"there is no such host", "EMAIL_HOST"},
}

func (o Origin) message() string  { return origins[o].message }
func (o Origin) settings() string { return origins[o].settings }
