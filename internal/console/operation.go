package console

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/iade/iade/internal/words"
)

const (
	storiesTold  = 5  // on the page of a payment: the newest; the others' are on their own pages
	changesShown = 60 // on the page of an operation, as many legs
	changesTold  = 12 // in a story on another page, as many legs
)

// story is an operation with all that happened to it, and what the customer may be told.
type story struct {
	Operation

	Told        bool
	Steps       []step
	StepsLeft   int
	LegsLeft    int
	NoBooks     bool
	ForTurkish  string
	ForEnglish  string
	Result      string // what the form that led here did: "sent", "again", "decided", "checked"
	RefreshHere string
}

// step is one change of an operation in words.
type step struct {
	At    time.Time
	Tone  string
	Says  string
	Actor string
	Lines []string
}

// operation shows one operation.
func (c *Console) operation(v *visit) {
	var s story
	path := words.PathOf(v.r.PathValue("operation"))
	if path == "" {
		c.nothing(v)
		return
	}
	if err := c.get(v.ctx, path, &s.Operation); err != nil {
		c.refuse(v, err)
		return
	}
	if err := s.tell(v, c, changesShown); err != nil {
		c.refuse(v, err)
		return
	}
	s.Result = v.r.URL.Query().Get("did")
	s.RefreshHere = Root + "operations/" + url.PathEscape(s.ID)
	c.show(v, http.StatusOK, "operation", v.lang.Kind(s.Kind)+" "+words.Plain(s.ID), &s)
}

// tell reads the history and puts it into words, at most so many changes and legs.
func (s *story) tell(v *visit, c *Console, most int) error {
	s.Told = true
	s.ForTurkish, s.ForEnglish = s.ForCustomer(words.Turkish, v.now), s.ForCustomer(words.English, v.now)
	s.Legs, s.LegsLeft = atMost(s.Legs, most)
	var history struct {
		Changes []words.Change `json:"changes"`
	}
	err := c.get(v.ctx, "/operations/"+url.PathEscape(s.ID)+"/history", &history)
	if notKept(err) {
		s.NoBooks = true
		return nil
	}
	if err != nil {
		return err
	}
	history.Changes, s.StepsLeft = atMost(history.Changes, most)
	for i := range history.Changes {
		s.Steps = append(s.Steps, stepOf(v.lang, &history.Changes[i]))
	}
	return nil
}

// stepOf puts one change into words.
func stepOf(l words.Language, ch *words.Change) step {
	st := step{At: ch.At, Tone: tone(ch.To), Actor: l.Actor(ch.Actor)}
	part := ""
	if ch.Leg > 0 {
		part = fmt.Sprintf(words.Text{"Part %d: ", "%d. parça: "}.In(l), ch.Leg)
	}
	st.Says = part + happened(l, ch)
	if ch.Evidence != nil {
		st.Lines = ch.Evidence.Lines(l)
		for _, code := range []string{ch.Evidence.ErrorCode, ch.Evidence.Reason} {
			if means := because(l, code); means != "" {
				st.Lines = append(st.Lines, code+": "+means)
			}
		}
	}
	return st
}

// happened says what a change was: who asked, what was sent, what iyzico answered, what its report showed, who decided.
func happened(l words.Language, ch *words.Change) string {
	e := ch.Evidence
	if e == nil {
		e = &words.Evidence{}
	}
	state := l.State(ch.To)
	say := func(en, tr string) string { return strings.ReplaceAll(words.Text{en, tr}.In(l), "%s", state) }
	switch {
	case ch.From == "" && ch.To == "reserved":
		return say("Asked for; the amount is reserved.", "İstendi; tutar ayrıldı.")
	case ch.From == "" && (ch.To == "sending" || ch.To == "processing"):
		return say("Asked for. Written down as sent, then sent to iyzico once.", "İstendi. Önce gönderildi diye kaydedildi, sonra iyzico'ya bir kez gönderildi.")
	case ch.From == "" && e.Rule != "":
		return say("Asked for, and refused by a rule: nothing was sent.", "İstendi, bir kural reddetti: hiçbir şey gönderilmedi.")
	case ch.From == "":
		return say("Asked for: %s.", "İstendi: %s.")
	case e.Decision != "":
		return say("A person decided: %s.", "Bir kişi karar verdi: %s.")
	case ch.To == "sending":
		return say("Written down as sent, then sent to iyzico once.", "Önce gönderildi diye kaydedildi, sonra iyzico'ya bir kez gönderildi.")
	case ch.From == ch.To && e.Absences > 0:
		return say("iyzico's report was read, and does not list it.", "iyzico raporu okundu, orada yok.")
	case ch.From == ch.To:
		return say("Looked at again: still %s.", "Yeniden bakıldı: hâlâ %s.")
	case e.Contradicted:
		return say("iyzico's report contradicts what was settled: %s.", "iyzico raporu kesinleşenle çelişiyor: %s.")
	case ch.To == "unknown":
		return say("iyzico's answer did not arrive, or proves nothing: %s.", "iyzico'nun yanıtı gelmedi veya bir şey kanıtlamıyor: %s.")
	case !e.ReportReadAt.IsZero() && ch.To == "not_executed":
		return say("Settled: iyzico's reports and its day list do not have it. %s.", "Sonuçlandı: iyzico raporlarında ve gün listesinde yok. %s.")
	case !e.ReportReadAt.IsZero():
		return say("iyzico's report shows it: %s.", "iyzico raporu gösteriyor: %s.")
	case ch.Actor == "iade:callback":
		return say("The customer came back from iyzico: %s.", "Müşteri iyzico'dan döndü: %s.")
	case ch.From == "processing" || ch.From == "sending":
		return say("iyzico answered: %s.", "iyzico yanıtladı: %s.")
	}
	return say("Now: %s.", "Şimdi: %s.")
}
