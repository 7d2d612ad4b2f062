package seed

import "strings"

// words splits a list that is written in one string.
func words(list string) []string { return strings.Split(list, "|") }

// The word lists of the demo catalogue in English. Changing one changes every shard's rows: raise
// demoEdition with it.
var (
	adjectives = words("Amber|Ancient|Autumn|Barefoot|Bitter|Black|Blind|Blue|Borrowed|Brass|Bright|Broken|Burning|" +
		"Careless|Celestial|Chasing|Cold|Copper|Crimson|Crooked|Curious|Dancing|Daring|Dead|Deep|Distant|Double|" +
		"Drowsy|Dusty|Eager|Early|Eastern|Electric|Empty|Endless|Faded|Fallen|Familiar|Feral|Final|Fleeting|Floating|" +
		"Foreign|Forgotten|Fragile|Frozen|Gentle|Ghostly|Gilded|Glass|Golden|Grey|Half-Lit|Harmless|Haunted|Heavy|" +
		"Hidden|Hollow|Holy|Honest|Humble|Hungry|Idle|Indigo|Infinite|Invisible|Iron|Ivory|Jagged|Jealous|Kind|Last|" +
		"Late|Lazy|Little|Lonely|Long|Lost|Loud|Lucky|Lunar|Magnetic|Marble|Mellow|Midnight|Modern|Narrow|Neon|" +
		"Nervous|New|Northern|Ordinary|Pale|Paper|Parallel|Patient|Perfect|Plastic|Polite|Quiet|Rapid|Reckless|Red|" +
		"Restless|Rotten|Royal|Rusty|Sacred|Second|Secret|Seven|Shallow|Silent|Silver|Simple|Sleepless|Slow|Small|" +
		"Solar|Southern|Stolen|Strange|Stubborn|Sudden|Sugar|Sunken|Tender|Thirsty|Tidal|Twelve|Twin|Uneasy|Unsent|" +
		"Velvet|Violet|Wandering|Warm|Weary|Western|White|Wicked|Wild|Winter|Wooden|Yellow|Young")

	nouns = words("Alibi|Alphabet|Anchor|Antenna|Apartment|Arcade|Arrow|Atlas|Attic|Avenue|Balcony|Ballad|Beacon|" +
		"Bell|Bicycle|Bird|Blossom|Border|Bridge|Cabaret|Candle|Canyon|Carousel|Cathedral|Cinema|Circuit|Cloud|Coast|" +
		"Colony|Comet|Compass|Confession|Constellation|Corner|Crow|Crown|Current|Daydream|Desert|Diary|Door|Dragonfly|" +
		"Echo|Elevator|Ember|Engine|Escape|Eyelid|Factory|Falcon|Feather|Ferry|Field|Fire|Flame|Flood|Forest|Fountain|" +
		"Fox|Garden|Ghost|Glacier|Grove|Guitar|Harbour|Heart|Highway|Horizon|Horse|Hotel|House|Hurricane|Island|Jacket|" +
		"Jukebox|Key|Kingdom|Kite|Ladder|Lantern|Letter|Library|Lighthouse|Lion|Locket|Lullaby|Machine|Magnet|Map|Market|" +
		"Matchbox|Meadow|Memory|Mile|Mirror|Moon|Morning|Motel|Mountain|Museum|Needle|Night|Notebook|Ocean|Orchard|" +
		"Orchestra|Oracle|Owl|Paradise|Parade|Passenger|Pavement|Pearl|Piano|Pilot|Planet|Pocket|Postcard|Promise|" +
		"Question|Radio|Railway|Rain|Rescue|River|Road|Roof|Room|Rose|Sailor|Satellite|Season|Secret|Shadow|Shelter|Shore|" +
		"Signal|Sister|Sky|Sleeper|Smoke|Snow|Sparrow|Staircase|Star|Station|Stone|Storm|Stranger|Street|Summer|Sunday|" +
		"Swimmer|Telegram|Telephone|Theatre|Thunder|Tiger|Tower|Traffic|Train|Transistor|Tree|Umbrella|Valley|Violin|" +
		"Voyage|Waltz|Wave|Weather|Window|Wing|Winter|Witness|Wolf|Wonder|Year")

	verbs = words("Break|Bring|Burn|Call|Carry|Catch|Chase|Count|Cross|Dance|Draw|Dream|Drive|Fall|Find|Follow|Forget|" +
		"Hear|Hold|Keep|Kiss|Leave|Lose|Love|Miss|Move|Open|Paint|Play|Remember|Rescue|Run|Save|Sell|Send|Shake|" +
		"Sing|Sleep|Steal|Stop|Swim|Take|Tell|Trust|Turn|Wait|Wake|Walk|Waste|Write")

	ensembles = words("Band|Big Band|Brass Quintet|Chamber Choir|Collective|Ensemble|Jazz Trio|Orchestra|Philharmonic|" +
		"Quartet|Sound System|String Quartet|Symphony Orchestra|Wind Octet")

	nicknames = words("Ace|Doc|Duke|Echo|Fingers|Lefty|Magic|Red|Sticks|Sunny|Tiny|Whisper")

	places = words("Amsterdam|Bogotá|Brno|Cairo|Chicago|Dakar|Detroit|Dublin|Gdańsk|Genève|Havana|Istanbul|Köln|Kyoto|" +
		"Lagos|Lisbon|Liverpool|Málaga|Manchester|Medellín|Memphis|Montréal|Nairobi|Nashville|New Orleans|Osaka|" +
		"Oslo|Paris|Reykjavík|Rīga|São Paulo|Seoul|Tallinn|Timișoara|Tromsø|Valparaíso|Vienna|Zürich")

	works = words("Symphony No. %d|String Quartet No. %d|Piano Sonata No. %d|Cello Suite No. %d|Violin Concerto No. %d|" +
		"Nocturne No. %d|Prelude No. %d|Étude No. %d")
	keys = words("in C Major|in D Minor|in E♭ Major|in F♯ Minor|in G Major|in A Minor|in B♭ Major|in B Minor")
	// movements are numbered as they come.
	movements = words("Allegro|Andante con moto|Adagio|Scherzo: Vivace|Largo e mesto|Presto|Menuetto|Rondo. Allegretto")

	remarks = words("(Live)|(Acoustic)|(Demo)|(Radio Edit)|(Extended Mix)|(Reprise)|(Instrumental)|(Remastered)|[Bonus Track]")

	// oddities are titles that a careless writer of SQL, JSON or HTML would stumble over.
	oddities = words(`"Untitled"|'74–'75|<3|100 %|A/B|AC\DC Current|Ain't No "Maybe"|C:\Nowhere|Drop Table Blues|` +
		`¿Dónde?|Don't Say "Don't"|Ωmega & Δelta|Null|O'Clock|Rock & Roll; or, The Whale|Tom's Café|{Empty Set}|` +
		`…|☂ Umbrella|🎧 Headphones|Line 1 / Line 2|ⅠⅠⅠ|50¢|:-)|_|10:15|“Quoted”`)

	genreNames = words("Rock|Jazz|Metal|Alternative|Electronic|Blues|Latin|Reggae|Pop|Soundtrack|Bossa Nova|Folk|" +
		"Hip-Hop|R&B/Soul|Classical|World|Ambient|Country|Funk|Punk|Singer-Songwriter|Chanson|Opera|Spoken Word|Children's Music")
	// silentGenres at the end of the list have no track.
	silentGenres = 3

	mediaTypeNames = words("MPEG audio file|AAC audio file|FLAC audio file|Protected AAC audio file|MPEG-4 video file")
	video          = 4 // its index

	moods = words("Breakfast|Coffee Break|Deep Focus|Dinner for Two|Friday Night|Heartbreak|House Cleaning|Late Drive|" +
		"Long Run|Monday Morning|On the Train|Party|Rainy Afternoon|Road Trip|Sleep|Study|Summer|Sunday|Workout|Yoga")
	listNames = words("90’s Music|Music|Favourites|Música para cocinar|夏のプレイリスト|Для дороги|🎧 On Repeat|Fürs Büro|" +
		"أغاني الليل|Chill & Grill|\"Guilty\" Pleasures|Été 2024|산책할 때|Mom's Mix|New|לשבת")

	streets = words("Alder|Bay|Canal|Castle|Chapel|Cherry|Church|Garden|Grove|High|Hill|King|Lake|Linden|Market|Meadow|" +
		"Mill|Oak|Orchard|Park|Queen|River|School|Station|Water|Willow")
)
