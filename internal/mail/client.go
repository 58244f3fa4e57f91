package mail

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/textproto"
	"strings"
)

// maxAnswer is the maximum size of a server's response, in bytes.
const maxAnswer = 64 << 10

// client sends SMTP commands (RFC 5321) over a connection. A response with
// another code than the expected one is a *textproto.Error. It is not safe for
// concurrent use.
type client struct {
	net    net.Conn
	left   *io.LimitedReader
	in     *textproto.Reader
	out    *textproto.Writer
	offers map[string]string // parameters by keyword of EHLO, in upper case
}

func newClient(c net.Conn) *client {
	left := &io.LimitedReader{R: c}
	return &client{net: c, left: left, in: textproto.NewReader(bufio.NewReader(left)), out: textproto.NewWriter(bufio.NewWriter(c))}
}

// answer reads a response. expect is the expected code, or its first digits; 0
// accepts any.
func (c *client) answer(expect int) (code int, text string, err error) {
	c.left.N = maxAnswer
	return c.in.ReadResponse(expect)
}

// command sends a line and reads the response.
func (c *client) command(expect int, line string) (code int, text string, err error) {
	if err := c.out.PrintfLine("%s", line); err != nil {
		return 0, "", err
	}
	return c.answer(expect)
}

func (c *client) do(expect int, line string) error {
	_, _, err := c.command(expect, line)
	return err
}

// hello introduces this machine with EHLO, or with HELO to servers that do not
// know EHLO, and reads what the server offers. Keywords are case-insensitive
// (RFC 5321, section 2.4). "AUTH=PLAIN" is how servers offered logins before
// RFC 2554.
func (c *client) hello(name string) error {
	c.offers = map[string]string{}
	_, text, err := c.command(250, "EHLO "+name)
	if failed, ok := errors.AsType[*textproto.Error](err); ok && (failed.Code == 500 || failed.Code == 502) {
		return c.do(250, "HELO "+name)
	}
	if err != nil {
		return err
	}
	for _, line := range strings.Split(text, "\n")[1:] {
		keyword, parameters := line, ""
		if i := strings.IndexAny(line, " ="); i >= 0 {
			keyword, parameters = line[:i], line[i+1:]
		}
		keyword = strings.ToUpper(keyword)
		c.offers[keyword] = strings.TrimSpace(c.offers[keyword] + " " + parameters)
	}
	return nil
}

// offered returns the parameters of a keyword, and whether the server offers it.
func (c *client) offered(keyword string) (string, bool) {
	parameters, ok := c.offers[keyword]
	return parameters, ok
}

// mail begins a message. utf8 announces addresses beyond ASCII.
func (c *client) mail(from string, utf8 bool) error {
	line := "MAIL FROM:" + from
	if _, ok := c.offered("8BITMIME"); ok {
		line += " BODY=8BITMIME"
	}
	if utf8 {
		line += " SMTPUTF8"
	}
	return c.do(250, line)
}
