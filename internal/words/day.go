package words

// The statuses of a day, in words.
var dayWords = map[string]Text{
	"closed":  {"closed: iyzico's books and iade's say the same", "kapandı: iyzico'nun ve iade'nin kayıtları aynı"},
	"differs": {"differs: iyzico's books and iade's do not say the same", "farklı: iyzico'nun ve iade'nin kayıtları aynı değil"},
	"open":    {"open: it was not closed yet", "açık: henüz kapatılmadı"},
}

// What the kinds of difference mean, and what to do.
var differenceWords = map[string]Text{
	"only_at_iyzico": {"iyzico lists money that no operation of iade moved: somebody refunded in iyzico's panel, or another program did; find out who",
		"iyzico'da iade'nin hiçbir işlemine ait olmayan bir hareket var: panelden biri veya başka bir program yapmış; kimin yaptığını bulun"},
	"only_here": {"iade says that money moved, and iyzico lists nothing of it: do not refund it again; have the operation checked, then ask iyzico",
		"iade paranın hareket ettiğini söylüyor, iyzico listesinde yok: yeniden iade etmeyin; işlemi kontrol ettirin, sonra iyzico'ya sorun"},
	"amount_differs": {"both have it, with other amounts: compare it with iyzico's panel", "ikisinde de var, tutarlar farklı: iyzico paneliyle karşılaştırın"},
}

// BookedDay is a day's status in words.
func (l Language) BookedDay(status string) string { return l.word(dayWords, status) }

// Difference says what a kind of difference means and what to do, and whether this program knows it.
func Difference(kind string) (Text, bool) {
	means, known := differenceWords[kind]
	return means, known
}
