package main

import (
	"context"
	"flag"
	"fmt"
	"strings"
	"time"

	"github.com/iade/iade/internal/payment"
)

// change is one entry of an operation's history.
type change struct {
	At       time.Time               `json:"at"`
	From     string                  `json:"from"`
	To       string                  `json:"to"`
	Leg      int                     `json:"leg"`
	Evidence *payment.RecordEvidence `json:"evidence"`
	Actor    string                  `json:"actor"`
}

// historyCommand shows every recorded change of an operation, oldest first.
func historyCommand(_ *flag.FlagSet, k *call) func(context.Context) (int, error) {
	return func(ctx context.Context) (int, error) {
		id, err := k.operation()
		if err != nil {
			return exitBadFile, err
		}
		client, err := k.connect()
		if err != nil {
			return exitBadFile, err
		}
		defer client.http.CloseIdleConnections()
		var history struct {
			Changes []change `json:"changes"`
		}
		said, err := client.read(ctx, "/operations/"+id+"/history", &history)
		if err != nil {
			return exitSomeNot, err
		}
		if k.asJSON {
			return exitDone, k.raw(said)
		}
		if len(history.Changes) == 0 {
			say(k.out, "%s\n", text{"Nothing is recorded yet: look again in a minute.", "Henüz kayıt yok: bir dakika sonra yeniden bakın."}.in(k.lang))
		}
		for i := range history.Changes {
			k.change(&history.Changes[i])
		}
		return exitDone, nil
	}
}

func (k *call) change(c *change) {
	l := k.lang
	from := text{"begins", "başlar"}.in(l)
	if c.From != "" {
		from = stateWord(c.From, l)
	}
	part := ""
	if c.Leg > 0 {
		part = fmt.Sprintf(text{"part %d: ", "%d. parça: "}.in(l), c.Leg)
	}
	say(k.out, "%s  %s%s → %s   %s\n", padded(l.second(c.At), 21), part, from, k.paint(bold, stateWord(c.To, l)), actorWord(c.Actor, l))
	if c.Evidence == nil {
		return
	}
	for _, line := range evidenceLines(c.Evidence, l) {
		say(k.out, "%s  %s\n", padded("", 21), line)
	}
}

// stateWord is a status in words, or a leg's state: those have two of their own.
func stateWord(s string, l language) string {
	switch payment.State(s) {
	case payment.StateReserved:
		return text{"reserved", "ayrıldı"}.in(l)
	case payment.StateSending:
		return text{"being sent", "gönderiliyor"}.in(l)
	default:
		return statusWord(payment.Status(s), l)
	}
}

// evidenceLines say what a change rests on.
func evidenceLines(e *payment.RecordEvidence, l language) []string {
	var lines []string
	add := func(name text, value string) {
		if value != "" {
			lines = append(lines, name.in(l)+": "+plain(value))
		}
	}
	add(text{"attempt", "deneme"}, e.ConversationID)
	add(text{"bank reference of the refund", "iadenin banka referansı"}, e.RefundHostReference)
	add(text{"bank reference of the cancel", "iptalin banka referansı"}, e.CancelHostReference)
	add(text{"bank reference of the payment", "ödemenin banka referansı"}, e.HostReference)
	add(text{"bank's approval code", "banka onay kodu"}, e.AuthCode)
	add(text{"entry in iyzico's report", "iyzico raporundaki kayıt"}, e.RefundTxID)
	add(text{"iyzico's report read", "iyzico raporu okundu"}, l.second(e.ReportReadAt))
	if e.Absences > 0 {
		add(text{"complete reports that did not list it", "kaydı içermeyen tam rapor sayısı"}, fmt.Sprint(e.Absences))
	}
	add(text{"why", "neden"}, strings.TrimSpace(e.Reason+" "+e.ErrorCode+" "+e.ErrorGroup))
	add(text{"refused by the rule", "reddeden kural"}, string(e.Rule))
	add(text{"a person's decision", "kişi kararı"}, string(e.Decision))
	add(text{"brought by", "isteği getiren"}, e.Via)
	add(text{"entries taken for this operation", "bu işlem sayılan kayıtlar"}, strings.Join(e.Claimed, ", "))
	for _, line := range e.Lines {
		add(text{"line chosen by iyzico", "iyzico'nun seçtiği satır"}, line.PaymentTransactionID+" "+l.amount(line.Amount, ""))
	}
	if e.SignatureVerified {
		lines = append(lines, text{"iyzico's signature was verified", "iyzico'nun imzası doğrulandı"}.in(l))
	}
	if e.Contradicted {
		lines = append(lines, text{"it contradicts what was settled before", "daha önce kesinleşenle çelişiyor"}.in(l))
	}
	if e.FromReport {
		lines = append(lines, text{"taken over from iyzico's report after a restore", "geri yüklemeden sonra iyzico raporundan alındı"}.in(l))
	}
	return lines
}
