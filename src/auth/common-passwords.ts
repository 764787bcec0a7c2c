/**
 * Words and rows of keys that guessing begins with, in lower case. Ends of digits and signs are cut off and `p@ssw0rd`
 * is read as `password` before the look-up, so each word stands for many.
 */
const WORDS = `
password passwort passwd passphrase motdepasse contrasena parola wachtwoord senha geheim secret secrets topsecret
admin administrator adminadmin administrateur root rootroot toor sysadmin superuser supervisor operator manager
bastion bastionhost jumpserver jumphost jumpbox gateway firewall server serveradmin webadmin webmaster hostmaster
user username guest guestguest anonymous default changeme changemenow changeit letmein letmeinnow openup opensesame
welcome welcomeback willkommen bienvenue hello helloworld hellohello helloworld goodbye login loginlogin logmein signin
test testtest tester testing testuser demo demodemo example sample temp temporary trial public private access
qwerty qwertyuiop qwertyui qwertz qwertzuiop azerty azertyuiop asdfgh asdfghjkl asdfasdf asdf zxcvbn zxcvbnm
qazwsx qazwsxedc wsxedc qweasd qweasdzxc qweqwe qwer qwerasdf qwerty123qwerty 1qaz2wsx 1qaz2wsx3edc 1q2w3e4r 1q2w3e4r5t
1q2w3e4r5t6y q1w2e3r4 q1w2e3r4t5 q1w2e3r4t5y6 zaq12wsx zaq1xsw2 1qazxsw2 !qaz2wsx abc123 abcabc abcd abcdef abcd1234
a1b2c3 a1b2c3d4 a1b2c3d4e5 aa123456 aabbcc aaa111 123abc 123qwe 123qweasd 123qweasdzxc
0123456789 1234567890 0987654321 9876543210 123456789 12345678910 123123123 1231231231 112233445566 1122334455
123321123 1234512345 1234554321 123456654321 147258369 159753 741852963 789456123 963852741 987654321
11223344 12341234 123454321 1234567890123 121212121212 131313131313 102030405060 010203040506
iloveyou iloveu loveyou loveme lovelove lovely love sweetheart darling honey babygirl babyboy princess prince angel
angels sunshine rainbow butterfly flower flowers star stars moonlight summer winter spring autumn october november
december september january february monday friday sunday birthday christmas holiday vacation
football footballer soccer baseball basketball hockey tennis cricket liverpool arsenal chelsea barcelona realmadrid
juventus yankees cowboys lakers eagles steelers packers rangers
monkey dragon dragons tiger tigers lion panther jaguar eagle falcon hawk wolf wolves bear dolphin elephant
horse kitty kitten puppy buster pepper ginger cookie cookies chocolate cheese banana orange apple cherry strawberry
peanut coffee whiskey jordan michael jennifer jessica ashley amanda nicole daniel andrew joshua matthew anthony
robert thomas charlie william george alexander alexandra maggie samantha hannah michelle melissa
superman batman spiderman ironman wonderwoman pokemon pikachu naruto minecraft fortnite starwars startrek skywalker
matrix hunter killer master mastermaster shadow ninja samurai warrior knight wizard magic mustang ferrari porsche
mercedes corvette harley yamaha honda toyota
computer internet keyboard notebook laptop network system systems windows linux ubuntu debian centos redhat android
iphone samsung nokia google googlegoogle facebook twitter instagram youtube linkedin microsoft apple amazon
oracle mysql postgres postgresql mariadb mongodb redis elastic tomcat jenkins docker kubernetes vagrant ansible
raspberry raspberrypi cisco ciscocisco juniper mikrotik ubnt huawei zyxel netgear
trustno one trustnoone whatever nothing something anything freedom forever friends friend family money dollar
security secure security1 ihavenopass nopassword nopass mypassword mypass yourpassword thepassword newpassword
oldpassword passpass passwordpassword password1password pass1234word passwordadmin adminpassword rootpassword
userpassword correcthorsebatterystaple iloveyoubaby
blink182 ncc1701 thx1138 bond007 jamesbond pa55word pa55w0rd p4ssw0rd
nihao woaini woaini1314 5201314 aini1314
`;

export const COMMON_PASSWORDS: ReadonlySet<string> = new Set(WORDS.trim().split(/\s+/));
