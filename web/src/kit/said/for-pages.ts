/**
 * What the daemon says is read at the command line, too, and there it ends with the command that lists what there is.
 * A page has lists of its own: the sentence stays, that clause goes.
 */
const ENGLISH = /[.;] (?:see:? bastion .+|`bastion [^`]* list[^`]*` shows .+|log in without an asset name .+)$/i;
const CHINESE = /[。；](?:可查看：bastion .+|`bastion [^`]* list[^`]*` 可列出.+|登录时不写资产名.+)$/;

export function forPages(sentence: string): string {
  return sentence.replace(ENGLISH, '.').replace(CHINESE, '。');
}
