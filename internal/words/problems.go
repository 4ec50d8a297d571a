package words

import (
	"slices"
	"strings"
)

var (
	correctIt = Text{"Correct the request. Nothing was sent and the key is still free.", "İsteği düzeltin. Hiçbir şey gönderilmedi, anahtar hâlâ kullanılmadı."}
	lookAtIt  = Text{"Look at the payment first: what you want may be done already.", "Önce ödemeye bakın: istediğiniz zaten yapılmış olabilir."}
	mistake   = Text{"Correct the program that asks.", "Soran programı düzeltin."}
)

// ProblemPrefix begins the type of every problem that iade itself answers with.
const ProblemPrefix = "urn:iade:problem:"

// Slug names a problem by its type, "" if the answer is not iade's own.
func Slug(problemType string) string {
	slug, ours := strings.CutPrefix(problemType, ProblemPrefix)
	if !ours {
		return ""
	}
	return slug
}

// Explanation says what a code means and what to do.
type Explanation struct {
	Code      string
	Means, Do Text
}

// Problems explain every slug of a problem's type.
func Problems() []Explanation { return slices.Clone(problemTexts) }

// Reasons explain iade's own reasons, as error.code and the history have them.
func Reasons() []Explanation { return slices.Clone(reasonTexts) }

// ProblemOf explains a problem by its slug.
func ProblemOf(slug string) (Explanation, bool) { return find(problemTexts, slug) }

// ReasonOf explains one of iade's own reasons.
func ReasonOf(reason string) (Explanation, bool) { return find(reasonTexts, reason) }

func find(all []Explanation, code string) (Explanation, bool) {
	i := slices.IndexFunc(all, func(e Explanation) bool { return e.Code == code })
	if i < 0 {
		return Explanation{}, false
	}
	return all[i], true
}

var problemTexts = []Explanation{
	{"invalid-request", Text{"The request is not valid; errors names each field.", "İstek geçersiz; errors her alanı adlandırır."}, correctIt},
	{"not-found", Text{"There is no such operation, payment or route.", "Böyle bir işlem, ödeme veya adres yok."},
		Text{"Look at the id, and at the environment that is asked.", "Kimliğe ve sorulan ortama bakın."}},
	{"in-progress", Text{"The same request is being carried out by another call.", "Aynı istek şu anda başka bir çağrıda yürütülüyor."},
		Text{"Wait, and ask again with the same key.", "Bekleyin ve aynı anahtarla yeniden sorun."}},
	{"idempotency-key-reused", Text{"The key belongs to another request on this payment: nothing new was sent.", "Anahtar bu ödemede başka bir isteğe ait: yeni bir şey gönderilmedi."},
		Text{"Look at what the key did. Only a refund in addition to it needs a new key.", "Anahtarın ne yaptığına bakın. Yalnızca ona ek bir iade için yeni anahtar gerekir."}},
	{"exceeds-refundable", Text{"It is more than is left to refund; nothing was sent.", "İade edilebilecek kalandan fazla; hiçbir şey gönderilmedi."}, lookAtIt},
	{"not-refundable", Text{"The payment cannot be refunded now; nothing was sent.", "Ödeme şu anda iade edilemez; hiçbir şey gönderilmedi."}, lookAtIt},
	{"not-cancellable", Text{"The payment cannot be cancelled; nothing was sent.", "Ödeme iptal edilemez; hiçbir şey gönderilmedi."},
		Text{"A cancel is for the day of the payment and before any refund. Refund what is left instead.", "İptal, ödemenin günü ve hiç iade yapılmamışken olur. Onun yerine kalanı iade edin."}},
	{"over-limit", Text{"A limit of your own on new money is reached; nothing was sent.", "Yeni para için koyduğunuz sınıra ulaşıldı; hiçbir şey gönderilmedi."},
		Text{"Find out why so much is refunded. Raise MAX_REFUND_AMOUNT_PER_DAY or MAX_REFUNDS_PER_HOUR only if it is right.",
			"Neden bu kadar iade yapıldığını bulun. Doğruysa MAX_REFUND_AMOUNT_PER_DAY veya MAX_REFUNDS_PER_HOUR değerini yükseltin."}},
	{"ambiguous", Text{"Several payments have this conversation id.", "Bu conversationId birden çok ödemede var."},
		Text{"Ask for one of paymentIds.", "paymentIds içinden birini sorun."}},
	{"line-not-found", Text{"The payment has no such line; nothing was sent.", "Ödemede böyle bir satır yok; hiçbir şey gönderilmedi."}, correctIt},
	{"currency-mismatch", Text{"The payment was made in another currency; nothing was sent.", "Ödeme başka bir para biriminde; hiçbir şey gönderilmedi."}, correctIt},
	{"allocation-required", Text{"The payment has several lines, and the request does not say how the amount spreads over them.", "Ödemenin birden çok satırı var, istek tutarın nasıl dağılacağını söylemiyor."},
		Text{"Name a line, or send allocation.", "Bir satır verin veya allocation gönderin."}},
	{"too-many-operations", Text{"The payment has as many open operations as fit; nothing was sent.", "Ödemede sığabilecek kadar açık işlem var; hiçbir şey gönderilmedi."},
		Text{"Wait until some are settled.", "Bir kısmı sonuçlanana kadar bekleyin."}},
	{"not-resolvable", Text{"The operation does not wait for this decision, or iyzico's report contradicts it.", "İşlem bu kararı beklemiyor veya iyzico raporu kararla çelişiyor."},
		Text{"Look at the operation and at iyzico's panel again.", "İşleme ve iyzico paneline yeniden bakın."}},
	{"rejected-by-iyzico", Text{"iyzico refused and no money moved.", "iyzico reddetti, para hareket etmedi."},
		Text{"Explain iyzico's errorCode. If the money is still to move, ask with a new key once that is put right.",
			"iyzico errorCode değerini açıklatın. Para hâlâ gönderilecekse, düzelttikten sonra yeni anahtarla isteyin."}},
	{"not-executed", Text{"It is proved that the operation moved no money.", "İşlemin para hareket ettirmediği kanıtlandı."},
		Text{"If the money is still to move, ask with a new key.", "Para hâlâ gönderilecekse yeni anahtarla isteyin."}},
	{"rate-limited", Text{"Over the limit of calls a minute; nothing was sent.", "Dakikalık çağrı sınırı aşıldı; hiçbir şey gönderilmedi."},
		Text{"Wait as long as Retry-After says; the same key asks afresh.", "Retry-After kadar bekleyin; aynı anahtar yeniden sorar."}},
	{"unavailable", Text{"iyzico or the store cannot be had now; no money was moved by this request.", "iyzico veya depo şu anda erişilemiyor; bu istekle para hareket etmedi."},
		Text{"Ask again with the same key.", "Aynı anahtarla yeniden sorun."}},
	{"internal", Text{"Something is wrong in iade.", "iade'de bir sorun var."},
		Text{"Ask again with the same key: it finds out what became of the request. Look at the log.", "Aynı anahtarla yeniden sorun: isteğin sonucu öğrenilir. Günlüğe bakın."}},
	{"not-implemented", Text{"This deployment does not do that (see the detail).", "Bu kurulumda bu yok (ayrıntıya bakın)."},
		Text{"Set what the detail names.", "Ayrıntıda adı geçeni ayarlayın."}},
	{"method-not-allowed", Text{"The address does not take this method.", "Adres bu yöntemi almıyor."}, mistake},
	{"unsupported-media-type", Text{"The body is not JSON in UTF-8.", "Gövde UTF-8 JSON değil."}, mistake},
	{"content-too-large", Text{"The body has more than 65536 bytes.", "Gövde 65536 bayttan büyük."}, mistake},
	{"unknown-event", Text{"The queue holds an event that is none of iade's commands.", "Kuyruktaki olay iade'nin bir komutu değil."},
		Text{"Look at the EventBridge rule that sends it.", "Onu gönderen EventBridge kuralına bakın."}},
}

var (
	findingOut = Text{"iade finds out from iyzico's report. Wait, and do not refund again.", "iade bunu iyzico raporundan öğrenir. Bekleyin, yeniden iade etmeyin."}
	nothing    = Text{"Nothing was sent; the same request with the same key asks afresh.", "Hiçbir şey gönderilmedi; aynı istek aynı anahtarla yeniden sorar."}
	compareIt  = Text{"Compare it with iyzico's panel, then record what you found (resolve). Do not refund again meanwhile.", "iyzico paneliyle karşılaştırın, sonra bulduğunuzu kaydedin (resolve). Bu arada yeniden iade etmeyin."}
)

var reasonTexts = []Explanation{
	{"quota-unreadable", Text{"The calls of this minute could not be counted, so none was made.", "Bu dakikanın çağrıları sayılamadı, bu yüzden çağrı yapılmadı."}, nothing},
	{"keys-unreadable", Text{"iyzico's keys could not be read.", "iyzico anahtarları okunamadı."},
		Text{"Look at the secret and at the function's right to read it.", "Gizli değere ve işlevin onu okuma yetkisine bakın."}},
	{"credentials", Text{"iyzico did not accept the keys; no money moved.", "iyzico anahtarları kabul etmedi; para hareket etmedi."},
		Text{"Put the right keys into the secret.", "Gizli değere doğru anahtarları koyun."}},
	{"unsupported", Text{"This version makes no such call.", "Bu sürüm böyle bir çağrı yapmıyor."}, mistake},
	{"no-access", Text{"This process must not reach iyzico.", "Bu süreç iyzico'ya ulaşmamalı."}, nothing},
	{"session-refused", Text{"iyzico refused the customer's session, so no payment was asked for.", "iyzico müşterinin oturumunu reddetti, ödeme istenmedi."},
		Text{"Begin a new session and ask with a new key.", "Yeni oturum açıp yeni anahtarla isteyin."}},
	{"declined", Text{"The payment was declined; no money moved.", "Ödeme reddedildi; para hareket etmedi."},
		Text{"The customer may pay in another way.", "Müşteri başka bir yolla ödeyebilir."}},
	{"refused", Text{"iyzico refused with a code that moves no money.", "iyzico, para hareket ettirmeyen bir kodla reddetti."},
		Text{"Explain iyzico's code.", "iyzico'nun kodunu açıklatın."}},
	{"rest-not-refundable", Text{"iyzico offers no call for what is left below one unit on each line.", "Her satırda bir kuruştan az kalan için iyzico bir çağrı sunmuyor."},
		Text{"Do not ask again; give the rest another way.", "Yeniden istemeyin; kalanı başka yolla verin."}},
	{"invalid", Text{"A field cannot be sent to iyzico; nothing was sent.", "Bir alan iyzico'ya gönderilemez; hiçbir şey gönderilmedi."}, correctIt},
	{"dns", Text{"iyzico's name did not resolve; nothing was sent.", "iyzico'nun adı çözülemedi; hiçbir şey gönderilmedi."}, nothing},
	{"dial", Text{"There was no connection to iyzico; nothing was sent.", "iyzico'ya bağlanılamadı; hiçbir şey gönderilmedi."}, nothing},
	{"tls", Text{"The secure connection to iyzico failed; nothing was sent.", "iyzico'yla güvenli bağlantı kurulamadı; hiçbir şey gönderilmedi."}, nothing},
	{"deadline-before-write", Text{"The time was over before the first byte; nothing was sent.", "İlk bayttan önce süre doldu; hiçbir şey gönderilmedi."}, nothing},
	{"transport", Text{"The connection failed: iyzico may have done it.", "Bağlantı koptu: iyzico yapmış olabilir."}, findingOut},
	{"canceled", Text{"iade gave up waiting: iyzico may have done it.", "iade beklemeyi bıraktı: iyzico yapmış olabilir."}, findingOut},
	{"timeout", Text{"No answer in time: iyzico may have done it.", "Zamanında yanıt gelmedi: iyzico yapmış olabilir."}, findingOut},
	{"reset", Text{"The connection was reset: iyzico may have done it.", "Bağlantı sıfırlandı: iyzico yapmış olabilir."}, findingOut},
	{"eof", Text{"The connection ended without an answer: iyzico may have done it.", "Bağlantı yanıtsız kapandı: iyzico yapmış olabilir."}, findingOut},
	{"truncated", Text{"The answer ended early.", "Yanıt yarıda kesildi."}, findingOut},
	{"oversize", Text{"The answer is longer than iade reads.", "Yanıt, iade'nin okuduğundan uzun."}, findingOut},
	{"redirect", Text{"iyzico's address led elsewhere; iade does not follow.", "iyzico adresi başka yere yönlendirdi; iade izlemez."}, findingOut},
	{"not-json", Text{"The answer is no JSON.", "Yanıt JSON değil."}, findingOut},
	{"no-status", Text{"The answer says neither success nor failure.", "Yanıt ne başarı ne hata diyor."}, findingOut},
	{"bad-signature", Text{"The answer's signature is wrong.", "Yanıtın imzası yanlış."}, findingOut},
	{"missing-signature", Text{"The answer has no signature.", "Yanıtın imzası yok."}, findingOut},
	{"echo-mismatch", Text{"The answer is about something else.", "Yanıt başka bir şeyle ilgili."}, findingOut},
	{"unknown-code", Text{"iyzico gave a code that iade does not know.", "iyzico, iade'nin tanımadığı bir kod verdi."}, findingOut},
	{"unclear-code", Text{"iyzico gave a code that leaves open whether money moved.", "iyzico, paranın hareket edip etmediğini açık bırakan bir kod verdi."}, findingOut},
	{"retryable", Text{"iyzico refused and calls that passing: it may still carry it out.", "iyzico reddetti ama bunun geçici olduğunu söyledi: daha sonra yapabilir."}, findingOut},
	{"payment-status", Text{"iyzico answered neither paid nor declined.", "iyzico ne ödendi ne reddedildi dedi."}, findingOut},
	{"not-started", Text{"The refund to balance did not begin.", "Bakiyeye iade başlamadı."}, findingOut},
	{"no-answer", Text{"No answer was recorded before the attempt's end.", "Denemenin süresi içinde yanıt kaydedilmedi."}, findingOut},
	{"unreadable", Text{"For a day iyzico's report did not show clearly whether it was done.", "Bir gün boyunca iyzico raporu yapılıp yapılmadığını açıkça göstermedi."}, compareIt},
	{"url-not-sealed", Text{"The customer's page is open, and its address was lost.", "Müşterinin sayfası açık, adresi kayboldu."}, compareIt},
	{"not-confirmed", Text{"The customer did not confirm in time.", "Müşteri zamanında onaylamadı."}, compareIt},
	{"not-approved", Text{"It did not appear in iyzico's report in time.", "Zamanında iyzico raporunda görünmedi."}, compareIt},
	{"unexplained-entries", Text{"iyzico's report lists something new that nothing of iade's explains.", "iyzico raporunda iade'nin açıklamadığı yeni bir kayıt var."}, compareIt},
	{"unexplained-rows", Text{"iyzico's list of the day has a row that nothing explains.", "iyzico'nun gün listesinde açıklanamayan bir satır var."}, compareIt},
	{"open-at-iyzico", Text{"iyzico lists it neither as done nor as failed.", "iyzico onu ne yapılmış ne başarısız gösteriyor."}, compareIt},
	{"part-done", Text{"iyzico lists less than was asked for.", "iyzico istenenden azını gösteriyor."}, compareIt},
	{"listed-otherwise", Text{"iyzico lists it with another amount or elsewhere.", "iyzico onu başka bir tutarla veya başka yerde gösteriyor."}, compareIt},
	{"weak-absence", Text{"iyzico shows nothing of a refund that is charged to the merchant, and no source says that iyzico lists every one.", "Üye iş yerine yansıtılan iadenin iyzico'da kaydı yok; iyzico'nun bu iadelerin hepsini listelediğini söyleyen bir kaynak da yok."}, compareIt},
	{"large-absence", Text{"iyzico shows nothing of it, and for its amount a person decides.", "iyzico'da kaydı yok; tutarından dolayı bir kişi karar verir."}, compareIt},
}
