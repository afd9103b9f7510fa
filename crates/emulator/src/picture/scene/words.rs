//! Reads a prompt: which subject, place, hour, colours and manner its words name. Unknown words count through a hash.

use super::{
    colour::{Colour, rgb},
    dice::{hash, mix},
};

/// What the picture is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    Cat,
    Lion,
    Dog,
    Fox,
    Rabbit,
    Bear,
    Mouse,
    Bird,
    Owl,
    Fish,
    Whale,
    Butterfly,
    Tree,
    Flower,
    Mushroom,
    Fruit,
    Cup,
    Book,
    House,
    Castle,
    Lighthouse,
    Boat,
    Balloon,
    Car,
    Bicycle,
    Rocket,
    Planet,
    Robot,
    Person,
}

impl Subject {
    /// Whether it is somebody rather than something.
    fn is_alive(self) -> bool {
        use Subject::{Bear, Cat, Dog, Fox, Lion, Mouse, Owl, Person, Rabbit, Robot};
        matches!(
            self,
            Cat | Lion | Dog | Fox | Rabbit | Bear | Mouse | Owl | Robot | Person
        )
    }
}

/// Where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Room,
    Meadow,
    Mountains,
    Forest,
    Sea,
    Underwater,
    City,
    Space,
    Desert,
    Winter,
    Studio,
    Abstract,
}

/// The hour and the weather: they set the light.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hour {
    Day,
    Morning,
    Golden,
    Dusk,
    Night,
    Mist,
    Storm,
}

/// How it is painted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    Plain,
    Watercolour,
    Oil,
    Pixels,
    Sketch,
    Noir,
    Neon,
}

#[derive(Clone, Copy)]
enum Meaning {
    Is(Subject),
    In(Place),
    At(Hour),
    Hue(u32),
    By(Manner),
    Pastel,
    Vivid,
    /// A person, unless somebody else is portrayed.
    Portrait,
    OnTable,
    Lying,
    Sitting,
    /// Falling snow or rain.
    Snow,
    Rain,
    Moon,
}

/// What a prompt says.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one thing that a prompt may say besides the others"
)]
pub(in crate::picture) struct Words {
    pub(super) subject: Option<Subject>,
    pub(super) second: Option<Subject>,
    pub(super) place: Option<Place>,
    pub(super) hour: Option<Hour>,
    pub(super) hues: Vec<Colour>,
    pub(super) manner: Manner,
    /// How far the colours are from grey; 1 is as designed.
    pub(super) vividness: f32,
    pub(super) pastel: bool,
    portrait: bool,
    pub(super) on_table: bool,
    pub(super) lying: bool,
    pub(super) sitting: bool,
    pub(super) snow: bool,
    pub(super) rain: bool,
    pub(super) moon: bool,
    /// Of all words that are drawn, the unknown ones too.
    pub(super) hash: u64,
}

impl Words {
    pub(in crate::picture) fn read(prompt: &str) -> Self {
        let mut words = Self {
            subject: None,
            second: None,
            place: None,
            hour: None,
            hues: Vec::new(),
            manner: Manner::Plain,
            vividness: 1.0,
            pastel: false,
            portrait: false,
            on_table: false,
            lying: false,
            sitting: false,
            snow: false,
            rain: false,
            moon: false,
            hash: 0,
        };
        for word in drawn_words(prompt) {
            words.hash = mix(words.hash, hash(&word));
            if let Some(meaning) = meaning(&word) {
                words.take(meaning);
            }
        }
        if words.second.is_some_and(Subject::is_alive)
            && words.subject.is_some_and(|first| !first.is_alive())
        {
            // "A teapot and a cat" is a picture of a cat.
            std::mem::swap(&mut words.subject, &mut words.second);
        }
        if words.portrait && words.subject.is_none() {
            words.subject = Some(Subject::Person);
        }
        words
    }

    fn take(&mut self, meaning: Meaning) {
        match meaning {
            Meaning::Is(subject) => match self.subject {
                None => self.subject = Some(subject),
                Some(first) if first != subject => self.second = self.second.or(Some(subject)),
                Some(_) => {}
            },
            Meaning::In(place) => self.place = self.place.or(Some(place)),
            Meaning::At(hour) => self.hour = self.hour.or(Some(hour)),
            Meaning::Hue(hex) => self.hues.push(rgb(hex)),
            Meaning::By(manner) => self.manner = manner,
            Meaning::Pastel => self.pastel = true,
            Meaning::Vivid => self.vividness = 1.35,
            Meaning::Portrait => self.portrait = true,
            Meaning::OnTable => self.on_table = true,
            Meaning::Lying => self.lying = true,
            Meaning::Sitting => self.sitting = true,
            Meaning::Snow => {
                self.snow = true;
                self.place = self.place.or(Some(Place::Winter));
            }
            Meaning::Rain => {
                self.rain = true;
                self.hour = self.hour.or(Some(Hour::Storm));
            }
            Meaning::Moon => {
                self.moon = true;
                self.hour = self.hour.or(Some(Hour::Night));
            }
        }
    }
}

/// The prompt's words in lower case, without the picture URLs before them and the flags behind them.
fn drawn_words(prompt: &str) -> Vec<String> {
    let is_flag = |token: &str| {
        // Telephones turn two hyphens into a dash.
        token
            .strip_prefix("--")
            .or_else(|| token.strip_prefix('—'))
            .is_some_and(|name| !name.is_empty())
    };
    let is_url = |token: &str| token.starts_with("http://") || token.starts_with("https://");
    let mut words = Vec::new();
    for token in prompt
        .split_whitespace()
        .skip_while(|token| is_url(token))
        .take_while(|token| !is_flag(token))
    {
        let mut word = String::new();
        for letter in token.chars().flat_map(char::to_lowercase) {
            if letter.is_alphanumeric() {
                word.push(letter);
                continue;
            }
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            // Emoji are words of their own.
            if !letter.is_ascii() && !letter.is_control() && letter != '\u{fe0f}' {
                words.push(letter.to_string());
            }
        }
        if !word.is_empty() {
            words.push(word);
        }
    }
    words
}

fn meaning(word: &str) -> Option<Meaning> {
    known(word).or_else(|| {
        let singular = word.strip_suffix("ies").map(|stem| format!("{stem}y"));
        let singular = singular
            .or_else(|| word.strip_suffix("es").map(str::to_owned))
            .and_then(|word| known(&word));
        singular.or_else(|| known(word.strip_suffix('s')?))
    })
}

fn known(word: &str) -> Option<Meaning> {
    use Hour::{Day, Dusk, Golden, Mist, Morning, Night, Storm};
    use Manner::{Neon, Noir, Oil, Pixels, Sketch, Watercolour};
    use Meaning::{
        At, By, Hue, In, Is, Lying, Moon, OnTable, Pastel, Portrait, Rain, Sitting, Snow, Vivid,
    };
    use Place::{
        Abstract, City, Desert, Forest, Meadow, Mountains, Room, Sea, Space, Studio, Underwater,
        Winter,
    };
    Some(match word {
        "cat" | "kitten" | "kitty" | "tabby" | "feline" | "🐱" | "🐈" | "tiger" | "leopard"
        | "gato" | "chat" | "katze" | "猫" | "猫咪" | "кот" => Is(Subject::Cat),
        "lion" | "lioness" | "🦁" => Is(Subject::Lion),
        "dog" | "puppy" | "hound" | "corgi" | "retriever" | "wolf" | "husky" | "🐶" | "🐕"
        | "perro" | "chien" | "hund" | "狗" => Is(Subject::Dog),
        "fox" | "🦊" => Is(Subject::Fox),
        "rabbit" | "bunny" | "hare" | "🐰" => Is(Subject::Rabbit),
        "bear" | "panda" | "koala" | "teddy" | "🐻" | "🐼" => Is(Subject::Bear),
        "mouse" | "mice" | "hamster" | "rat" | "🐭" => Is(Subject::Mouse),
        "bird" | "sparrow" | "robin" | "parrot" | "raven" | "crow" | "hummingbird" | "finch"
        | "duck" | "penguin" | "🐦" => Is(Subject::Bird),
        "owl" | "🦉" => Is(Subject::Owl),
        "fish" | "koi" | "goldfish" | "salmon" | "shark" | "🐟" | "🐠" => Is(Subject::Fish),
        "whale" | "dolphin" | "🐋" | "🐳" => Is(Subject::Whale),
        "butterfly" | "moth" | "🦋" => Is(Subject::Butterfly),
        "tree" | "oak" | "bonsai" | "willow" | "🌳" | "🌲" => Is(Subject::Tree),
        "flower" | "rose" | "tulip" | "daisy" | "sunflower" | "bouquet" | "blossom" | "lotus"
        | "🌸" | "🌻" | "🌷" | "花" => Is(Subject::Flower),
        "mushroom" | "toadstool" | "fungi" | "🍄" => Is(Subject::Mushroom),
        "apple" | "fruit" | "orange" | "lemon" | "pear" | "peach" | "🍎" => Is(Subject::Fruit),
        "cup" | "mug" | "coffee" | "tea" | "teapot" | "latte" | "☕" => Is(Subject::Cup),
        "book" | "novel" | "📚" => Is(Subject::Book),
        "house" | "cottage" | "cabin" | "hut" | "barn" | "home" | "🏠" => Is(Subject::House),
        "castle" | "palace" | "fortress" | "tower" | "🏰" => Is(Subject::Castle),
        "lighthouse" => Is(Subject::Lighthouse),
        "boat" | "ship" | "sailboat" | "sail" | "yacht" | "⛵" => Is(Subject::Boat),
        "balloon" | "airship" | "zeppelin" | "🎈" => Is(Subject::Balloon),
        "car" | "automobile" | "taxi" | "truck" | "van" | "bus" | "🚗" => Is(Subject::Car),
        "bicycle" | "bike" | "🚲" => Is(Subject::Bicycle),
        "rocket" | "spaceship" | "spacecraft" | "starship" | "🚀" => Is(Subject::Rocket),
        "planet" | "saturn" | "jupiter" | "mars" | "🪐" => Is(Subject::Planet),
        "robot" | "android" | "cyborg" | "mech" | "🤖" => Is(Subject::Robot),
        "person" | "man" | "woman" | "girl" | "boy" | "child" | "wizard" | "queen" | "king"
        | "princess" | "knight" | "lady" | "astronaut" | "samurai" | "people" => {
            Is(Subject::Person)
        }

        "room" | "indoor" | "interior" | "kitchen" | "bedroom" | "library" | "cafe" | "café"
        | "sofa" | "couch" | "window" | "windowsill" | "chair" | "shelf" | "studio" => In(Room),
        "meadow" | "field" | "hill" | "garden" | "park" | "grass" | "countryside" | "valley"
        | "farm" | "landscape" => In(Meadow),
        "mountain" | "peak" | "alps" | "volcano" | "cliff" | "lake" => In(Mountains),
        "forest" | "wood" | "jungle" | "woodland" => In(Forest),
        "sea" | "ocean" | "beach" | "wave" | "coast" | "island" | "harbor" | "harbour"
        | "shore" | "river" | "mer" | "meer" | "mar" | "海" => In(Sea),
        "underwater" | "reef" | "aquarium" | "coral" | "pond" => In(Underwater),
        "city" | "street" | "skyline" | "skyscraper" | "tokyo" | "york" | "paris" | "london"
        | "urban" | "building" | "town" | "cyberpunk" => In(City),
        "space" | "galaxy" | "nebula" | "cosmos" | "cosmic" | "universe" | "orbit"
        | "interstellar" => In(Space),
        "desert" | "dune" | "sand" | "sahara" | "canyon" => In(Desert),
        "winter" | "ice" | "arctic" | "glacier" | "frozen" | "christmas" => In(Winter),
        "minimal" | "minimalist" | "poster" | "backdrop" | "logo" | "icon" => In(Studio),
        "abstract" | "geometric" | "pattern" | "fractal" | "kandinsky" | "bauhaus" | "shape" => {
            In(Abstract)
        }

        "day" | "daylight" | "noon" | "sunny" | "summer" | "bright" => At(Day),
        "morning" | "dawn" | "sunrise" | "spring" => At(Morning),
        "sunset" | "golden" | "autumn" | "warm" | "sunlit" => At(Golden),
        "dusk" | "twilight" | "evening" | "purplish" => At(Dusk),
        "night" | "midnight" | "star" | "starry" | "dark" | "moody" | "aurora" => At(Night),
        "fog" | "foggy" | "mist" | "misty" | "haze" | "dreamy" => At(Mist),
        "storm" | "stormy" | "thunder" | "gloomy" => At(Storm),

        "red" | "crimson" | "scarlet" | "ruby" | "rot" | "rojo" | "rouge" => Hue(0xc8_2f35),
        "pink" | "magenta" | "rosy" => Hue(0xe8_6fa0),
        "amber" | "tangerine" | "copper" => Hue(0xe8_8a2e),
        "gold" | "yellow" | "honey" => Hue(0xe8_b93a),
        "green" | "emerald" | "olive" | "lime" | "mint" => Hue(0x4c_a05a),
        "teal" | "turquoise" | "cyan" | "aqua" => Hue(0x2f_a7a4),
        "blue" | "azure" | "navy" | "cobalt" | "sapphire" | "indigo" => Hue(0x36_63b8),
        "purple" | "violet" | "lavender" | "lilac" => Hue(0x84_56b4),
        "brown" | "chocolate" | "sepia" | "wooden" => Hue(0x8a_5a3a),
        "black" | "ebony" | "charcoal" => Hue(0x2a_2a33),
        "white" | "ivory" | "cream" | "pale" => Hue(0xf2_ebdf),
        "grey" | "gray" | "silver" | "metal" | "steel" | "chrome" => Hue(0x8f_97a3),

        "watercolor" | "watercolour" | "aquarelle" | "ink" | "wash" => By(Watercolour),
        "oil" | "impressionist" | "impressionism" | "impasto" | "gogh" | "monet" | "painterly"
        | "acrylic" => By(Oil),
        "pixel" | "8bit" | "8" | "16bit" | "pixelated" | "retro" | "voxel" => By(Pixels),
        "sketch" | "pencil" | "drawing" | "engraving" | "charcoals" | "lineart" | "doodle" => {
            By(Sketch)
        }
        "noir" | "monochrome" | "bw" => By(Noir),
        "neon" | "synthwave" | "vaporwave" | "glowing" | "hologram" => By(Neon),
        "pastel" | "soft" | "kawaii" | "cute" => Pastel,
        "vivid" | "vibrant" | "colorful" | "colourful" | "rainbow" | "psychedelic" => Vivid,

        "portrait" | "face" | "selfie" => Portrait,

        "table" | "desk" | "counter" | "tabletop" => OnTable,
        "sleeping" | "asleep" | "lying" | "resting" | "sleepy" => Lying,
        "sitting" | "seated" | "sits" => Sitting,
        "snow" | "snowy" | "snowfall" | "blizzard" => Snow,
        "rain" | "rainy" => Rain,
        "moon" | "moonlight" | "moonlit" | "🌙" => Moon,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_and_leading_urls_are_not_drawn() {
        let plain = Words::read("a red fox");
        let decorated = Words::read("https://a.test/cat.png A red fox! --ar 16:9 --style cat");
        assert_eq!(plain.hash, decorated.hash);
        assert_eq!(decorated.subject, Some(Subject::Fox));
        assert_eq!(decorated.second, None);
    }

    #[test]
    fn words_name_the_subject() {
        assert_eq!(
            Words::read("two butterflies").subject,
            Some(Subject::Butterfly)
        );
        assert_eq!(Words::read("two foxes").subject, Some(Subject::Fox));
        assert_eq!(Words::read("I love my 🐶!").subject, Some(Subject::Dog));
        assert_eq!(
            Words::read("portrait of a robot").subject,
            Some(Subject::Robot)
        );
        assert_eq!(
            Words::read("a teapot and a cat").subject,
            Some(Subject::Cat)
        );
        assert_eq!(Words::read("portrait, oil").subject, Some(Subject::Person));
        assert_ne!(Words::read("🧿").hash, Words::read("").hash);
    }
}
