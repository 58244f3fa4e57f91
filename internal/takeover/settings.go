package takeover

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"roster/internal/finding"
)

// settingRule checks a variable of a MySQL server. It returns what is wrong, or
// "".
type settingRule struct {
	variable string
	severity finding.Severity
	wrong    func(value string, all map[string]string) (detail string)
	remedy   string
}

// minPacket is the minimum packet size for Roster's statements, in bytes.
const minPacket = 1 << 20

// settingRules are the variables with unsuitable values, and their effects. See
// the MySQL Reference Manual, "Server System Variables".
func settingRules(recycle time.Duration) []settingRule {
	return []settingRule{
		{"read_only", finding.Error, isOn("The server rejects changes: it is a replica, or was made read-only."),
			"Point DB_HOST at the primary. If you check a replica on purpose, this is expected."},
		{"innodb_flush_log_at_trx_commit", finding.Warning, isNot("1", "Acknowledged writes may be lost after a power loss."),
			"Set it to 1, MySQL's default."},
		{"sync_binlog", finding.Warning, syncBinlog, "Set it to 1, MySQL's default."},
		{"sql_mode", finding.Warning, notStrict, "Add STRICT_TRANS_TABLES, MySQL's default."},
		{"max_allowed_packet", finding.Warning, smallPacket, "Set it to 16M or more."},
		{"wait_timeout", finding.Info, func(value string, _ map[string]string) string { return shortWait(value, recycle) },
			"Nothing, or set DB_POOL_RECYCLE below it."},
		{"time_zone", finding.Info, notUTC, ""},
		{"lower_case_table_names", finding.Info, foldedNames, ""},
		{"character_set_database", finding.Info, isNot("utf8mb4", "It is the default for new tables. Roster's tables specify their own."),
			"ALTER DATABASE … CHARACTER SET utf8mb4."},
	}
}

// JudgeServer reports unsuitable variables of a MySQL server, for any database.
// recycle is DB_POOL_RECYCLE. Missing variables are ignored.
func JudgeServer(variables map[string]string, recycle time.Duration) (found finding.List) {
	for _, rule := range settingRules(recycle) {
		value, known := variables[rule.variable]
		if !known {
			continue
		}
		detail := rule.wrong(value, variables)
		if detail == "" {
			continue
		}
		found = append(found, finding.Finding{
			ID: "mysql." + rule.variable, Severity: rule.severity, Title: rule.variable + " is " + shown(value),
			Detail: detail, Remedy: rule.remedy, Count: 1,
		})
	}
	return found
}

func shown(value string) string {
	if value == "" {
		return "empty"
	}
	return value
}

func isNot(wanted, detail string) func(string, map[string]string) string {
	return func(value string, _ map[string]string) string {
		if value == wanted {
			return ""
		}
		return detail
	}
}

func isOn(detail string) func(string, map[string]string) string { return isNot("0", detail) }

func syncBinlog(value string, all map[string]string) string {
	if value == "1" || all["log_bin"] == "0" {
		return ""
	}
	return "After a power loss, the binary log and replicas may lack acknowledged writes."
}

func notStrict(value string, _ map[string]string) string {
	if strings.Contains(value, "STRICT_") {
		return ""
	}
	return "Roster's own connections are strict. Django and other programs may store truncated texts and invalid dates."
}

func smallPacket(value string, _ map[string]string) string {
	if n, err := strconv.ParseInt(value, 10, 64); err != nil || n >= minPacket {
		return ""
	}
	return "A large statement, such as a batch of an import, needs up to 1 MiB and would be rejected."
}

func shortWait(value string, recycle time.Duration) string {
	seconds, err := strconv.ParseInt(value, 10, 64)
	if err != nil || time.Duration(seconds)*time.Second >= recycle {
		return ""
	}
	return fmt.Sprintf("The server closes connections before DB_POOL_RECYCLE (%d s). Roster detects this and replaces them earlier.", int64(recycle/time.Second))
}

func notUTC(value string, all map[string]string) string {
	if value == "+00:00" || value == "UTC" || value == "SYSTEM" && all["system_time_zone"] == "UTC" {
		return ""
	}
	return "Roster and Django always use UTC on their connections. Other programs that use NOW() store local times."
}

func foldedNames(value string, _ map[string]string) string {
	if value == "0" {
		return ""
	}
	return "Table names are case-insensitive on this server. Roster only uses lower-case names."
}
