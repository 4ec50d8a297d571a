package words

import (
	"fmt"
	"strings"
	"time"
)

// State is a status in words, or a leg's state: those have two of their own.
func (l Language) State(state string) string {
	switch state {
	case "reserved":
		return Text{"reserved", "ayrıldı"}.In(l)
	case "sending":
		return Text{"being sent", "gönderiliyor"}.In(l)
	default:
		return l.Status(state)
	}
}

// Change is one entry of an operation's history, as the API gives it.
type Change struct {
	At       time.Time `json:"at"`
	From     string    `json:"from"`
	To       string    `json:"to"`
	Leg      int       `json:"leg"`
	Evidence *Evidence `json:"evidence"`
	Actor    string    `json:"actor"`
}

// Evidence is what a change rests on, as an operation's history shows it.
type Evidence struct {
	ConversationID      string    `json:"conversationId"`
	RefundTxID          string    `json:"refundTxId"`
	AuthCode            string    `json:"authCode"`
	HostReference       string    `json:"hostReference"`
	RefundHostReference string    `json:"refundHostReference"`
	CancelHostReference string    `json:"cancelHostReference"`
	SignatureVerified   bool      `json:"signatureVerified"`
	Reason              string    `json:"reason"`
	ErrorCode           string    `json:"errorCode"`
	ErrorGroup          string    `json:"errorGroup"`
	ReportReadAt        time.Time `json:"reportReadAt"`
	Absences            int       `json:"absences"`
	Claimed             []string  `json:"claimed"`
	Parts               []Part    `json:"lines"`
	Rule                string    `json:"rule"`
	Decision            string    `json:"decision"`
	Via                 string    `json:"via"`
	Contradicted        bool      `json:"contradicted"`
	FromReport          bool      `json:"fromReport"`
}

// Part is what a refund took from one line.
type Part struct {
	PaymentTransactionID string `json:"paymentTransactionId"`
	Amount               string `json:"amount"`
}

// Lines say it, a line each.
func (e *Evidence) Lines(l Language) []string {
	var lines []string
	add := func(name Text, value string) {
		if value != "" {
			lines = append(lines, name.In(l)+": "+Plain(value))
		}
	}
	add(Text{"attempt", "deneme"}, e.ConversationID)
	add(Text{"bank reference of the refund", "iadenin banka referansı"}, e.RefundHostReference)
	add(Text{"bank reference of the cancel", "iptalin banka referansı"}, e.CancelHostReference)
	add(Text{"bank reference of the payment", "ödemenin banka referansı"}, e.HostReference)
	add(Text{"bank's approval code", "banka onay kodu"}, e.AuthCode)
	add(Text{"entry in iyzico's report", "iyzico raporundaki kayıt"}, e.RefundTxID)
	add(Text{"iyzico's report read", "iyzico raporu okundu"}, l.Second(e.ReportReadAt))
	if e.Absences > 0 {
		add(Text{"complete reports that did not list it", "kaydı içermeyen tam rapor sayısı"}, fmt.Sprint(e.Absences))
	}
	add(Text{"why", "neden"}, strings.TrimSpace(e.Reason+" "+e.ErrorCode+" "+e.ErrorGroup))
	add(Text{"refused by the rule", "reddeden kural"}, e.Rule)
	add(Text{"a person's decision", "kişi kararı"}, e.Decision)
	add(Text{"brought by", "isteği getiren"}, e.Via)
	add(Text{"entries taken for this operation", "bu işlem sayılan kayıtlar"}, strings.Join(e.Claimed, ", "))
	for _, line := range e.Parts {
		add(Text{"line chosen by iyzico", "iyzico'nun seçtiği satır"}, line.PaymentTransactionID+" "+l.Amount(line.Amount, ""))
	}
	if e.SignatureVerified {
		lines = append(lines, Text{"iyzico's signature was verified", "iyzico'nun imzası doğrulandı"}.In(l))
	}
	if e.Contradicted {
		lines = append(lines, Text{"it contradicts what was settled before", "daha önce kesinleşenle çelişiyor"}.In(l))
	}
	if e.FromReport {
		lines = append(lines, Text{"taken over from iyzico's report after a restore", "geri yüklemeden sonra iyzico raporundan alındı"}.In(l))
	}
	return lines
}
