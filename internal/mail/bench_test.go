package mail_test

import (
	"testing"

	"roster/internal/mail"
)

// BenchmarkSMTP_Send sends a mail with text and HTML to a server in this
// process, which shares the processor, over at most eight connections.
func BenchmarkSMTP_Send(b *testing.B) {
	for name, security := range map[string]mail.Security{"plain": mail.Plain, "STARTTLS": mail.STARTTLS} {
		b.Run(name, func(b *testing.B) {
			s := start(b, &server{}, security)
			sender := s.sender(security)
			m, err := benchmarkTemplates(b).Render(mail.Notification{Name: "Ada", Subject: "Grüße", Message: "One.\n\nTwo."})
			if err != nil {
				b.Fatal(err)
			}
			m.To, m.ID = "ada@example.com", "1@example.com"
			b.SetParallelism(16)
			b.ReportAllocs()
			b.RunParallel(func(loop *testing.PB) {
				for loop.Next() {
					if err := sender.Send(b.Context(), m); err != nil {
						b.Error(err)
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "mails/s")
		})
	}
}

func benchmarkTemplates(b *testing.B) *mail.Templates {
	b.Helper()
	templates, err := mail.NewTemplates(nil)
	if err != nil {
		b.Fatal(err)
	}
	return templates
}

func BenchmarkTemplates_Render(b *testing.B) {
	templates := benchmarkTemplates(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := templates.Render(mail.Notification{Name: "Ada", Subject: "Grüße", Message: "One.\n\nTwo."}); err != nil {
			b.Fatal(err)
		}
	}
}
