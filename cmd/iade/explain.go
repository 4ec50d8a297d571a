package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"slices"
	"strings"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/words"
	"github.com/iade/iade/pkg/iyzico"
)

// explanation is what is known of one code.
type explanation struct {
	code   string
	kind   text // what the code is
	means  text
	do     text
	source string // of iyzico's codes: where it is written
}

// The kinds of code.
var (
	kindIyzico  = text{"error code of iyzico", "iyzico hata kodu"}
	kindProblem = text{"problem of iade's API", "iade API'sinin sorunu"}
	kindStatus  = text{"status of an operation", "işlem durumu"}
	kindReason  = text{"reason in an operation's error or history", "işlemin hatasında veya geçmişinde geçen neden"}
)

// explainCommand says what a code means; without one it lists all. It asks no API.
func explainCommand(_ *flag.FlagSet, k *call) func(context.Context) (int, error) {
	return func(context.Context) (int, error) {
		all := explanations()
		if len(k.operands) == 0 {
			return exitDone, k.explain(all, true)
		}
		code := k.operands[0]
		found := slices.DeleteFunc(slices.Clone(all), func(e explanation) bool { return asCode(e.code) != asCode(code) })
		if len(found) > 0 {
			return exitDone, k.explain(found, false)
		}
		return exitSomeNot, k.explain([]explanation{unlisted(code)}, false)
	}
}

// asCode makes the same of the forms in which a code is met: urn:iade:problem:not-found, NOT_FOUND.
func asCode(s string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(strings.TrimSpace(s), words.ProblemPrefix)), "_", "-")
}

// unlisted is what is said of a code that nobody knows.
func unlisted(code string) explanation {
	return explanation{code: code, kind: text{"not listed", "listede yok"},
		means: text{"If it is a code of iyzico's, iade takes the outcome for unknown and finds out from iyzico's report.",
			"iyzico'nun bir koduysa iade sonucu bilinmiyor sayar ve iyzico raporundan öğrenir."},
		do: text{"Look at the operation (iade get ID). Do not refund again while it is unknown.", "İşleme bakın (iade get KİMLİK). Bilinmiyorken yeniden iade etmeyin."}}
}

// explanations lists every code, iyzico's first.
func explanations() []explanation {
	var all []explanation
	for _, c := range iyzico.Codes() {
		all = append(all, ofIyzico(c))
	}
	for _, p := range words.Problems() {
		all = append(all, explanation{code: p.Code, kind: kindProblem, means: p.Means, do: p.Do})
	}
	for _, s := range payment.Statuses() {
		t, _ := words.StatusOf(string(s))
		all = append(all, explanation{code: string(s), kind: kindStatus, means: both(t.Word, ". ", t.Money), do: t.Do})
	}
	for _, r := range words.Reasons() {
		all = append(all, explanation{code: r.Code, kind: kindReason, means: r.Means, do: r.Do})
	}
	return all
}

// ofIyzico explains one of iyzico's codes: what it says, what that means for the money, and what to do.
func ofIyzico(c iyzico.CodeMeaning) explanation {
	said, ok := words.Iyzico(c.Code)
	if !ok {
		said = text{"The bank did not take the request: its form, or a permission.", "Banka isteği kabul etmedi: biçimi veya bir yetki."}
	}
	money, do := text{"It says nothing certain about the money: the outcome is unknown until iyzico's report shows it.",
		"Para hakkında kesin bir şey söylemez: iyzico raporunda görülene kadar sonuç bilinmiyor."}, statusDo(payment.StatusUnknown)
	switch c.Outcome {
	case iyzico.Rejected:
		money, do = text{"No money moved.", "Para hareket etmedi."}, statusDo(payment.StatusRejected)
	case iyzico.NotSent:
		money = text{"iyzico turned the request away unread: no money moved.", "iyzico isteği işlemeden geri çevirdi: para hareket etmedi."}
		do = text{"Put iyzico's keys right; the same request with the same key then asks afresh.", "iyzico anahtarlarını düzeltin; aynı istek aynı anahtarla yeniden sorar."}
		if c.Code == "50000" {
			do = text{"Wait a minute; the same request with the same key then asks afresh.", "Bir dakika bekleyin; aynı istek aynı anahtarla yeniden sorar."}
		}
	case iyzico.Unknown, iyzico.Succeeded:
	}
	return explanation{code: c.Code, kind: text{named(kindIyzico[0], c.Name), named(kindIyzico[1], c.Name)},
		means: both(said, " ", money), do: do, source: c.Source}
}

func named(kind, name string) string {
	if name == "" {
		return kind
	}
	return kind + ", " + name
}

// explain writes explanations: whole, or a line each.
func (k *call) explain(found []explanation, brief bool) error {
	for _, e := range found {
		switch {
		case k.asJSON:
			line := struct {
				Code   string `json:"code"`
				Kind   string `json:"kind"`
				Means  string `json:"means"`
				Do     string `json:"do"`
				Source string `json:"source,omitempty"`
			}{e.code, e.kind.In(k.lang), e.means.In(k.lang), e.do.In(k.lang), e.source}
			encoder := json.NewEncoder(k.out)
			encoder.SetEscapeHTML(false)
			if err := encoder.Encode(line); err != nil {
				return fmt.Errorf("write: %w", err)
			}
		case brief:
			say(k.out, "%s %s\n", padded(e.code, 28), e.means.In(k.lang))
		default:
			say(k.out, "%s  %s\n  %s\n  %s %s\n", k.paint(bold, plain(e.code)), e.kind.In(k.lang), e.means.In(k.lang), k.label(text{"To do", "Yapılacak"}), e.do.In(k.lang))
			if e.source != "" {
				say(k.out, "  %s %s\n", k.label(text{"Source", "Kaynak"}), e.source)
			}
		}
	}
	return nil
}

// problemWord is a problem's first sentence, "" for one that this program does not know.
func problemWord(slug string, l language) string {
	p, _ := words.ProblemOf(slug)
	return p.Means.In(l)
}

// both joins two sentences in each language.
func both(first text, between string, second text) text {
	return text{first[0] + between + second[0], first[1] + between + second[1]}
}

// statusDo is what to do about an operation of a status.
func statusDo(s payment.Status) text {
	said, _ := words.StatusOf(string(s))
	return said.Do
}
