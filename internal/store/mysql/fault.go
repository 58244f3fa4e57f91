package mysql

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"strings"

	gomysql "github.com/go-sql-driver/mysql"

	"roster/internal/fault"
	"roster/internal/store/sqldb"
)

// Error numbers of MySQL. See its Server Error Message Reference.
const (
	codeDiskFull          = 1021
	codeTooManyConns      = 1040
	codeDatabaseDenied    = 1044
	codeAccessDenied      = 1045
	codeUnknownDatabase   = 1049
	codeShutdown          = 1053
	codeDuplicate         = 1062
	codeTableFull         = 1114
	codeUnknownCharset    = 1115
	codeHostDenied        = 1130
	codeTableDenied       = 1142
	codeColumnDenied      = 1143
	codeUnknownVariable   = 1193
	codeUserConns         = 1203
	codeLockTimeout       = 1205
	codeDeadlock          = 1213
	codeUserLimit         = 1226
	codeUnknownCollation  = 1273
	codeForbiddenByOption = 1290
	codePacketTooLarge    = 1153
	codeReferencedHidden  = 1217
	codeNotNull           = 1048
	codeOutOfRange        = 1264
	codeTruncated         = 1265
	codeWrongValue        = 1366
	codeTooLong           = 1406
	codeCheck             = 3819
	codeInterrupted       = 1317
	codeReferenced        = 1451
	codeParentGone        = 1452
	codeNoMoreIDs         = 1467
	codeSignal            = 1644
	codeReadOnlyTx        = 1792
	codeReadOnlyServer    = 1836
	codeAccountLocked     = 3118
	codeSecureOnly        = 3159
	codeReadOnlySchema    = 3989
	codeIdleTooLong       = 4031
)

// outcomeError wraps the error of a COMMIT without response.
type outcomeError struct{ cause error }

// Error implements error.
func (u outcomeError) Error() string {
	return fault.ErrUnknownOutcome.Error() + ": " + u.cause.Error()
}

// Is makes errors.Is match fault.ErrUnknownOutcome.
func (outcomeError) Is(target error) bool { return target == fault.ErrUnknownOutcome }

// codeOf returns the MySQL error number, 0 if there is none.
func codeOf(err error) uint16 {
	if e, ok := errors.AsType[*gomysql.MySQLError](err); ok {
		return e.Number
	}
	return 0
}

// isUnsent reports whether the connection broke or was abandoned before the
// statement had any effect.
func isUnsent(err error) bool { return errors.Is(err, driver.ErrBadConn) }

// isBroken reports whether the connection is unusable.
func isBroken(err error) bool {
	switch codeOf(err) {
	case codeShutdown, codeIdleTooLong:
		return true
	}
	if _, ok := errors.AsType[outcomeError](err); ok {
		return true
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	for _, sign := range []error{driver.ErrBadConn, gomysql.ErrInvalidConn, gomysql.ErrMalformPkt,
		gomysql.ErrPktSync, gomysql.ErrPktSyncMul, gomysql.ErrBusyBuffer, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed} {
		if errors.Is(err, sign) {
			return true
		}
	}
	return false
}

// isDial reports whether no connection could be opened.
func isDial(err error) bool {
	e, ok := errors.AsType[*net.OpError](err)
	return ok && e.Op == "dial"
}

// isAway reports whether the server may become available.
func isAway(err error) bool {
	switch codeOf(err) {
	case codeTooManyConns, codeUserConns, codeShutdown:
		return true
	}
	return isBroken(err) && !isTLS(err)
}

func isTLS(err error) bool {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return true
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return true
	}
	if _, ok := errors.AsType[tls.AlertError](err); ok {
		return true
	}
	return errors.Is(err, gomysql.ErrNoTLS)
}

// isRepeatable reports whether an immediate retry may succeed.
func isRepeatable(err error) bool {
	switch codeOf(err) {
	case codeDeadlock, codeLockTimeout:
		return true
	}
	if _, ok := errors.AsType[outcomeError](err); ok {
		return false
	}
	// A deadline is that of waiting for a connection.
	return isBroken(err) && !isDial(err) && !errors.Is(err, context.DeadlineExceeded)
}

// faultOf adds a kind to a driver's error. Errors with a kind are unchanged.
func faultOf(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	switch codeOf(err) {
	case codeDuplicate:
		return duplicateFault(err)
	case codePacketTooLarge:
		return sqldb.TooLarge(err)
	case codeCheck:
		return sqldb.RefusedByCheck(err)
	case codeReferenced, codeReferencedHidden:
		return sqldb.Referenced(referringTable(err), err)
	case codeParentGone:
		return sqldb.ParentGone(err)
	case codeSignal:
		return sqldb.RefusedByTrigger(err)
	case codeDiskFull, codeTableFull, codeNoMoreIDs:
		return fault.Wrap(fault.Full, "There is no space to store this.", err)
	case codeDeadlock, codeLockTimeout, codeTooManyConns, codeUserConns, codeUserLimit:
		return fault.Wrap(fault.Unavailable, "The database is busy.", err)
	case codeForbiddenByOption, codeReadOnlyTx, codeReadOnlyServer, codeReadOnlySchema, codeInterrupted,
		codeAccessDenied, codeDatabaseDenied, codeUnknownDatabase, codeHostDenied, codeTableDenied, codeColumnDenied, codeAccountLocked:
		return fault.Wrap(fault.Unavailable, "The database is not available.", err)
	}
	if errors.Is(err, gomysql.ErrPktTooLarge) {
		return sqldb.TooLarge(err)
	}
	if isBroken(err) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, context.DeadlineExceeded) {
		return fault.Wrap(fault.Unavailable, "The database is not available.", err)
	}
	return fault.Wrap(fault.Internal, "The database failed.", err)
}

// duplicateFault distinguishes a taken name from an exhausted id column, whose
// next value remains the maximum. The message ends with the key's name,
// prefixed with the table since 8.0.19.
func duplicateFault(err error) error {
	if strings.HasSuffix(err.Error(), "PRIMARY'") {
		return fault.Wrap(fault.Full, "There is no space to store this.", err)
	}
	return fault.Wrap(fault.Conflict, "Another user has this username or e-mail address.", err)
}

// referring matches the table in the message of codeReferenced: "… a foreign key
// constraint fails (`db`.`orders`, CONSTRAINT …".
var referring = regexp.MustCompile("fails \\(`[^`]*`\\.`([^`]*)`")

// referringTable returns the name of the table whose rows refer to a row; "" if
// the message does not contain it.
func referringTable(err error) string {
	if found := referring.FindStringSubmatch(err.Error()); found != nil {
		return found[1]
	}
	return ""
}

// refusedColumn matches the column in the messages of the codes of valueMessages.
var refusedColumn = regexp.MustCompile("[Cc]olumn '([^']*)'")

// valueMessages are what callers see of a value that a column does not take.
var valueMessages = map[uint16]string{
	codeNotNull:    "The database does not allow null in this field.",
	codeOutOfRange: "The database cannot store a number of this size in this field.",
	codeTruncated:  "The database cannot store this value.",
	codeWrongValue: "The database cannot store a character of this text.",
	codeTooLong:    "The database cannot store a text of this length in this field.",
}

// valueFault returns Invalid, which names the column, if the statement writes a
// value from a caller into a table that may be narrower than Django's; else the
// error.
func valueFault(query string, err error) error {
	message, known := valueMessages[codeOf(err)]
	if !known || strings.Contains(query, " roster_") {
		return err
	}
	found := refusedColumn.FindStringSubmatch(err.Error())
	if found == nil {
		return err
	}
	return sqldb.RefusedByColumn(found[1], message, err)
}

// unfitError describes why a server is not supported.
type unfitError string

// Error implements error.
func (u unfitError) Error() string { return string(u) + "; MySQL 8.0.17 or later is required" }

// settingError describes a session setting that has no effect.
type settingError string

// Error implements error.
func (s settingError) Error() string { return string(s) }

// Refusal returns an error that names the setting and why the database cannot
// be used.
func (e *Engine) Refusal(err error) error {
	o := e.options
	server := o.address()
	switch codeOf(err) {
	case codeAccessDenied:
		if o.TLS == "" || o.TLS == "off" { // the error is the same for an account that requires TLS
			return fmt.Errorf("DB_USER, DB_PASSWORD: MySQL at %s refused %s: %w; if the account requires TLS (REQUIRE SSL), set DB_TLS",
				server, o.User, err)
		}
		return fmt.Errorf("DB_USER, DB_PASSWORD: MySQL at %s refused %s: %w", server, o.User, err)
	case codeAccountLocked:
		return fmt.Errorf("DB_USER: MySQL at %s has locked the account %s: %w", server, o.User, err)
	case codeHostDenied:
		return fmt.Errorf("DB_HOST, DB_USER: MySQL at %s refused this machine: %w", server, err)
	case codeUnknownDatabase:
		return fmt.Errorf("DB_NAME: MySQL at %s has no database %s; create it first", server, o.Database)
	case codeDatabaseDenied, codeTableDenied, codeColumnDenied:
		return fmt.Errorf("DB_USER: %s lacks privileges on the database %s at %s: %w", o.User, o.Database, server, err)
	case codeSecureOnly:
		return fmt.Errorf("DB_TLS: MySQL at %s requires TLS; set on, or the path of its CA certificate: %w", server, err)
	case codeTooManyConns, codeUserConns, codeUserLimit:
		return fmt.Errorf("DB_POOL_SIZE, DB_MAX_OVERFLOW: MySQL at %s has no connection left: %w", server, err)
	case codeUnknownCollation, codeUnknownCharset, codeUnknownVariable:
		return fmt.Errorf("DB_HOST: cannot use the server at %s: %w", server, unfitError("it is MariaDB or an old MySQL: "+err.Error()))
	}
	switch {
	case isTLS(err):
		return fmt.Errorf("DB_TLS: cannot secure the connection to %s: %w", server, err)
	case isBroken(err):
		return fmt.Errorf("DB_HOST, DB_PORT: no MySQL server answers at %s: %w", server, err)
	}
	_, unfit := errors.AsType[unfitError](err)
	if _, ineffective := errors.AsType[settingError](err); unfit || ineffective {
		return fmt.Errorf("DB_HOST: cannot use the server at %s: %w", server, err)
	}
	return fmt.Errorf("DB_NAME: cannot use the database %s at %s: %w", o.Database, server, err)
}

// refusalOf is like Refusal, but returns nil for nil.
func (e *Engine) refusalOf(err error) error {
	if err == nil {
		return nil
	}
	return e.Refusal(err)
}
