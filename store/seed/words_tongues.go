package seed

// tongue is a language other than English in which artists, albums and tracks are named: each
// name is a head, the joiner and a tail, or a title's head alone.
type tongue struct {
	bands, bandTails   []string
	titles, titleTails []string
	joiner             string
	// alone says that the head of a title stands for itself.
	alone bool
}

var tongues = []tongue{
	{ // Spanish
		words("Los Faroles|Las Golondrinas|La Orquesta|Los Náufragos|Niños|Trío|Banda|Compañía"),
		words("del Sur|de Medianoche|de la Bahía|del Viento|de Ultramar|sin Nombre|de Papel|de Ñuñoa"),
		words("Corazón|La última noche|Ceniza y sal|Carta|Un verano|Mañana|Canción|El tren|Silencio|Luz|Cumpleaños|Viaje"),
		words("sin ti|en abril|de papel|para Inés|bajo la lluvia|del otro lado|a las tres|en el espejo|de invierno"), " ", true,
	},
	{ // Portuguese
		words("Os Girassóis|Conjunto|Banda|As Marés|Trio|Corações|Orquestra|Filhos"),
		words("da Lapa|do Amanhã|de São João|da Saudade|do Sertão|de Vidro|da Maré|sem Razão"),
		words("Canção|Manhã|Coração|Um barco|A última dança|Solidão|Chuva|Carnaval|Avenida|Avião|Lembranças|Janela"),
		words("de verão|sem você|em Lisboa|ao amanhecer|de março|do interior|pra Luísa|à beira-mar"), " ", true,
	},
	{ // French
		words("Les Lanternes|L'Étoile|La Bande|Les Enfants|Orchestre|Le Café|Les Garçons|La Forêt"),
		words("du Nord|de Minuit|d'Août|de l'Île|du Faubourg|sans Sommeil|de Neige|de la Gare"),
		words("Chanson|L'été|Une lettre|Le dernier métro|Lumière|La neige|Mon cœur|Un café|Déjà l'aube|Rêverie|La fenêtre|Août"),
		words("sans toi|à Marseille|d'hiver|pour Hélène|au bord de l'eau|de novembre|qui s'efface|n° 5"), " ", true,
	},
	{ // German
		words("Die Nachtwächter|Kapelle|Die Möwen|Blaskapelle|Die Flügel|Trio|Die Schwärmer|Kollektiv"),
		words("vom Hafen|aus Köln|der Nacht|im Nebel|ohne Eile|von gestern|am Gleis|über den Dächern"),
		words("Lieder|Ein Brief|Winterlicht|Straßen|Der letzte Zug|Zwölf Uhr|Müde Vögel|Glück|Herbst|Spätsommer|Größenwahn|Träume"),
		words("ohne dich|im Regen|für Jürgen|nach Mitternacht|am Fluss|in Moll|aus Papier|von früher"), " ", true,
	},
	{ // Icelandic
		words("Ljósin|Kórinn|Hrafnar|Þögnin|Vetrarbörn|Öldurnar"),
		words("á heiðinni|frá Ísafirði|í þoku|við sjóinn|undir jökli|að nóttu"),
		words("Nótt|Snjór|Draumur|Ljós|Þögn|Sólarlag|Bréf|Heim"),
		words("í Reykjavík|undir jökli|við hafið|að vori|án þín|á sunnudegi"), " ", true,
	},
	{ // Polish
		words("Orkiestra|Chór|Trio|Kapela|Zespół|Dzieci"),
		words("z Łodzi|Północy|znad Wisły|późnego lata|bez końca|z Żoliborza"),
		words("Piosenka|List|Ostatni pociąg|Śnieg|Światło|Jesień|Żółty liść|Cisza"),
		words("bez ciebie|w Krakowie|o świcie|dla Małgosi|nad rzeką|po północy"), " ", true,
	},
	{ // Turkish
		words("Gece|Deniz|Güneş|Rüzgâr|Yıldız|Şehir"),
		words("Çocukları|Kuşları|Yolcuları|Orkestrası|Üçlüsü|Işıkları"),
		words("Sensiz|İstanbul'da|Son|Uzak|Sessiz|Yağmurlu|Kırık|Güzel"),
		words("bir gece|bir şarkı|bir sabah|gökyüzü|mektup|rüya|ışık|yollar"), " ", false,
	},
	{ // Vietnamese
		words("Ban nhạc|Nhóm|Dàn nhạc|Tam ca"),
		words("Sông Hồng|Mùa Thu|Trăng Khuyết|Phố Cũ"),
		words("Mùa thu|Bài hát|Đêm|Mưa|Nỗi nhớ|Con đường"),
		words("Hà Nội|không em|của mẹ|trên sông|ngày ấy|cuối cùng"), " ", true,
	},
	{ // Russian
		words("Северный|Ночной|Тихий|Последний|Стеклянный|Синий"),
		words("оркестр|трамвай|берег|квартал|поезд|маяк|ветер|ансамбль"),
		words("Песня|Письмо|Зима|Последний поезд|Снег|Тишина|Белая ночь|Дорога|Осень|Окно"),
		words("без тебя|в Москве|на рассвете|для Ольги|над рекой|после дождя|в декабре|из детства"), " ", true,
	},
	{ // Greek
		words("Οι Φάροι|Η Ορχήστρα|Οι Γλάροι|Τα Παιδιά|Το Τρίο|Η Παρέα"),
		words("του Νότου|της Νύχτας|του Λιμανιού|της Θάλασσας|του Αυγούστου|της Σμύρνης"),
		words("Τραγούδι|Γράμμα|Η τελευταία νύχτα|Θάλασσα|Καλοκαίρι|Σιωπή|Φως|Όνειρο"),
		words("χωρίς εσένα|στην Αθήνα|του χειμώνα|για την Ελένη|στο παράθυρο|μετά τη βροχή"), " ", true,
	},
	{ // Hebrew
		words("להקת|תזמורת|שלישיית|ילדי|קולות"),
		words("הצפון|החוף|הלילה|המדבר|הגשם|הרחוב"),
		words("שיר|לילה|מכתב|גשם|דרך|אור"),
		words("בלעדייך|בירושלים|של חורף|אל הים|לפנות בוקר|בלי מילים"), " ", true,
	},
	{ // Arabic
		words("فرقة|أوركسترا|ثلاثي|أصوات"),
		words("النيل|الليل|الشرق|المدينة|البحر|القمر"),
		words("أغنية|ليلة|رسالة|مطر|طريق|حلم"),
		words("بلا عنوان|في بيروت|من الماضي|تحت القمر|قبل الفجر|على الشاطئ"), " ", true,
	},
	{ // Hindi
		words("राग|सुर|ताल|संगीत"),
		words("मंडली|संगम|परिवार|यात्रा"),
		words("पहली|आख़िरी|अधूरी|मीठी"),
		words("बारिश|कहानी|शाम|चिट्ठी|रात|मुलाक़ात"), " ", false,
	},
	{ // Japanese
		words("夜の|青い|東京|月光|硝子の|終電"),
		words("列車|楽団|少年|灯台|カルテット|金魚|ラジオ|交差点"),
		words("夏の|最後の|雨の|君のいない|真夜中の|冬の|さよならの|透明な"),
		words("手紙|電車|窓|花火|約束|海|歌|朝"), "", false,
	},
	{ // Korean
		words("새벽|푸른|유리|서울|겨울|달빛"),
		words("기차|악단|소년들|라디오|정원|사중주"),
		words("너 없는|마지막|비 오는|오래된|첫|잠 못 드는"),
		words("밤|편지|거리|여름|노래|바다"), " ", false,
	},
	{ // Chinese
		words("夜行|南方|玻璃|月光|旧城|海边的"),
		words("乐队|合唱团|电台|少年|唱片社|四重奏"),
		words("最后的|没有你的|夏天的|午夜的|远方的|旧"),
		words("信|火车|海|雨|灯|歌|街道|照片"), "", false,
	},
}

// band is one of the names of a band in this language.
func (t *tongue) band(n int64) string {
	at := spread(n, len(t.bands)*len(t.bandTails))
	return t.bands[at/len(t.bandTails)] + t.joiner + t.bandTails[at%len(t.bandTails)]
}

// title is one of the titles in this language.
func (t *tongue) title(r *random) string {
	head := pick(r, t.titles)
	if t.alone && r.percent(30) {
		return head
	}
	return head + t.joiner + pick(r, t.titleTails)
}
