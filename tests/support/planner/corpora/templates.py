"""Prompts made of templates: they contain what tools read, and request something that no tool computes."""

import random
from collections.abc import Iterator
from itertools import product

VALUES = (
    "10 km", "360", "97", "#FF8800", "H2SO4", "x^2 - 5x + 6 = 0", "2024-01-15", "15.01.2024", "192.168.1.1",
    "10.0.0.0/22", "version 1.10.0", "2, 4, 4, 5, 10", "[[1,2],[3,4]]", '"hello"', '{"a": 1}', "MCMXCIV", "20 °C",
    "the speed of light", "0xff", "49 choose 6", "3.11", "24/7", "15 % of 119.99", "sqrt(2)", "2024-W12", "SHA-256",
    "the gcd of 12 and 18", "DE89370400440532013000", "978-3-16-148410-0", "1,234.50", "base64", "`\\d+`",
)  # fmt: skip
FRAMES = (
    "Why is {} important?", "Explain {} to a child", "Who came up with {}?", "Do you like {}?", "Tell me about {}",
    "Write a poem about {}", "What is the history of {}?", "I saw {} on a wall. What could it mean?",
    "Is {} better than the alternative?", "My teacher wrote {} on the board, why?", "Draw {}",
    "Translate {} into Latin",
    "How would you pronounce {}?", "Is it rude to say {}?", "Should I trust {}?", "{} is wrong, isn't it?",
    "Make a joke with {}", "What does {} have to do with love?", "Where can I read more about {}?", "I hate {}",
    "Forget {} and say hello", "Write a blog post titled {}", "How do I compute {} in Rust?", "{}? {}? Really?",
    "What would happen without {}?", "Prove {}", "Google {} for me", "Use {} in a sentence", "{} vs. the rest",
    "Warum ist {} wichtig?", "Erkläre mir {}", "Wer hat {} erfunden?", "Magst du {}?", "Erzähl mir etwas über {}",
    "Schreibe ein Gedicht über {}", "Was hat {} mit Liebe zu tun?", "Wie spricht man {} aus?",
    "Ist {} gut oder schlecht?",
    "Ich mag {} nicht", "Wo lerne ich mehr über {}?", "Stimmt es, dass {} falsch ist?", "Was hältst du von {}?",
)  # fmt: skip
NUMBERS = (2, 3, 7, 12, 40, 99, 365, 1_000)
STORIES = (
    "Anna has {} apples and gives {} away. How does she feel?", "A bus with {} people stops, {} get off. Where is it?",
    "I bought {} books for {} euros, was that cheap?", "Our team of {} needs {} days, is that realistic?",
    "Level {} boss with {} hearts, any tips?", "He is {} and she is {}. Can it work?",
    "Chapter {}, page {}: what is the mood?", "Which is prettier, {} or {}?", "Between {} and {}, choose wisely",
    "The odds are {} to {}, do I bet?", "Exit {}, then {} km straight on. Am I lost?",
    "Rate my essay: {} pages, {} quotes",
    "Mein Opa ist {}, meine Oma {}. Was schenke ich?", "Wir haben {} Stühle und {} Gäste, was tun?",
    "Lieber {} Euro heute oder {} morgen?", "Nach {} Jahren und {} Umzügen: lohnt sich das?",
    "Ist {} schöner als {}?", "Haus {} oder {}, welches soll ich nehmen?", "Satz {} in Kapitel {} ist unklar",
    "Zwischen {} und {} Uhr ist Ruhezeit, richtig?",
)  # fmt: skip


def made() -> Iterator[str]:
    """Yield the prompts, the same ones in every run."""
    yield from (frame.replace("{}", value) for frame, value in product(FRAMES, VALUES))
    chance = random.Random(7)
    yield from (story.format(*chance.sample(NUMBERS, 2)) for story in STORIES for _ in range(12))
