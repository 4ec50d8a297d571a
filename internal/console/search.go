package console

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/iade/iade/internal/words"
)

// maxQuery bounds what may be looked for: the API's longest is a conversation id.
const maxQuery = 255

var (
	paymentPattern = regexp.MustCompile(`^\d{1,19}$`)
	// attemptPattern is the conversation id of an attempt of iade's: the operation's id and a number.
	attemptPattern = regexp.MustCompile(`^((?:rf|cn|rv|fp)_[a-z0-9_]+)-\d{1,4}$`)
)

// results is what was found under one word.
type results struct {
	Payment    *Payment
	Payments   []string // several payments with this conversation id
	Operations []Operation
	More       bool
	NoBooks    bool
	Asked      bool
}

// search finds by whatever a person has in hand. One thing found is shown at once.
func (c *Console) search(v *visit) {
	word := strings.TrimSpace(v.r.URL.Query().Get("q"))
	title := words.Text{"Search", "Arama"}.In(v.lang)
	if word == "" {
		c.show(v, http.StatusOK, "search", title, results{})
		return
	}
	if len(word) > maxQuery || strings.ContainsFunc(word, func(r rune) bool { return words.Plain(string(r)) != string(r) }) {
		c.notice(v, http.StatusBadRequest, notice{Title: words.Text{"This cannot be looked for", "Bu aranamaz"}, Bad: true, Says: []string{words.Text{
			"A number has at most 255 characters, without control characters.", "Bir numara en çok 255 karakterdir, kontrol karakteri içermez.",
		}.In(v.lang)}})
		return
	}
	if place := placeOf(word); place != "" {
		http.Redirect(v.w, v.r, place, http.StatusSeeOther)
		return
	}
	found := results{Asked: true}
	err := together(
		func() error { return c.findOperations(v, word, &found) },
		func() error { return c.findPayment(v, word, &found) },
	)
	switch {
	case err != nil:
		c.refuse(v, err)
	case found.Payment != nil && len(found.Operations) == 0:
		http.Redirect(v.w, v.r, Root+"payments/"+url.PathEscape(found.Payment.PaymentID), http.StatusSeeOther)
	case found.Payment == nil && len(found.Operations) == 1 && len(found.Payments) == 0:
		http.Redirect(v.w, v.r, Root+"operations/"+url.PathEscape(found.Operations[0].ID), http.StatusSeeOther)
	default:
		c.show(v, http.StatusOK, "search", title, found)
	}
}

// placeOf is the page of what can be told by its form alone: an operation, an attempt, a day.
func placeOf(word string) string {
	if attempt := attemptPattern.FindStringSubmatch(word); attempt != nil {
		word = attempt[1]
	}
	if words.PathOf(word) != "" {
		return Root + "operations/" + word
	}
	for _, layout := range []string{time.DateOnly, "02.01.2006", "2.1.2006", "02/01/2006"} {
		if day, err := time.Parse(layout, word); err == nil {
			return Root + "days/" + day.Format(time.DateOnly)
		}
	}
	return ""
}

// findOperations looks for an order number.
func (c *Console) findOperations(v *visit, word string, found *results) error {
	var list Operations
	err := c.get(v.ctx, "/operations?"+url.Values{"reference": {word}, "limit": {"50"}}.Encode(), &list)
	switch no := asRefusal(err); {
	case err == nil:
	case no.Slug() == "invalid-request": // too long for an order number
	case no.Slug() == "not-implemented":
		found.NoBooks = true
	default:
		return err
	}
	found.Operations, found.More = list.Operations, list.NextCursor != ""
	return nil
}

// findPayment looks for iyzico's number of a payment, or the shop's own under which iyzico was asked for it.
func (c *Console) findPayment(v *visit, word string, found *results) error {
	paths := []string{"/payments?" + url.Values{"conversationId": {word}}.Encode()}
	if paymentPattern.MatchString(word) {
		paths = append([]string{"/payments/" + word}, paths...)
	}
	for _, path := range paths {
		var p Payment
		err := c.get(v.ctx, path, &p)
		switch no := asRefusal(err); {
		case err == nil:
			found.Payment = &p
			return nil
		case no.Slug() == "not-found" || no.Slug() == "invalid-request":
		case no.Slug() == "ambiguous":
			found.Payments = no.PaymentIDs
			return nil
		default:
			return err
		}
	}
	return nil
}
